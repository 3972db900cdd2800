import { damagedSound, flacFacts, headerCut, type SoundFacts, unsupportedSound } from './facts.js';

/**
 * What an Ogg file holds (RFC 3533): the codec by its first packet, the length by its last page. Every page's checksum is held to, since the
 * decoders do not look at them.
 *
 * @throws AudioError `AUDIO_TRUNCATED`, `AUDIO_DECODE`, `AUDIO_UNSUPPORTED_FORMAT`
 */
export function oggFacts(bytes: Uint8Array): SoundFacts {
  const table = checksumTable();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let facts: ReturnType<typeof firstPacket> | undefined;
  let [granule, ended, serial, at] = [0, false, 0, 0];
  while (at + 27 <= bytes.length && view.getUint32(at) === 0x4f676753) {
    const body = at + 27 + bytes[at + 26]!;
    let end = body;
    for (let i = at + 27; i < Math.min(body, bytes.length); i++) end += bytes[i]!;
    if (end > bytes.length) break;
    if (view.getUint32(at + 22, true) !== checksum(bytes.subarray(at, end), table)) {
      throw damagedSound('Ogg', `the page at byte ${at} does not have the checksum it says`);
    }
    if (!facts) {
      facts = firstPacket(bytes.subarray(body, end));
      serial = view.getUint32(at + 14, true);
    } else if (view.getUint32(at + 14, true) !== serial) {
      throw unsupportedSound('an Ogg of several streams', 'Take one of them out first: ffmpeg -i in.ogg -map 0:a:0 out.wav');
    }
    const position = view.getBigInt64(at + 6, true);
    if (position >= 0) granule = Number(position);
    ended = (bytes[at + 5]! & 4) !== 0;
    at = end;
  }
  if (!facts) throw headerCut('Ogg');
  const { preSkip, ...rest } = facts;
  const frames = ended ? Math.max(0, granule - preSkip) : undefined;
  // What stands behind the last page, tags for instance, is no sound.
  return { ...rest, frames, cutShort: !ended };
}

function firstPacket(packet: Uint8Array): Omit<SoundFacts, 'cutShort'> & { preSkip: number } {
  const text = String.fromCharCode(...packet.subarray(0, 8));
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const facts = () => {
    if (text === 'OpusHead' && packet.length >= 19) {
      // Opus is decoded at 48 kHz, whatever rate it came from (RFC 7845, section 5.1).
      return { codec: 'opus' as const, sampleRate: 48_000, channels: packet[9]!, preSkip: view.getUint16(10, true) };
    }
    if (text.startsWith('\x01vorbis') && packet.length >= 30) {
      return { codec: 'vorbis' as const, sampleRate: view.getUint32(12, true), channels: packet[11]!, preSkip: 0 };
    }
    if (text.startsWith('\x7fFLAC')) return { ...flacFacts(packet.subarray(9)), preSkip: 0 };
    throw unsupportedSound(`an Ogg whose first packet begins with ${JSON.stringify(text)}`, 'Convert it first: ffmpeg -i in.ogg out.wav');
  };
  const found = facts();
  if (found.channels < 1 || found.sampleRate < 1) throw damagedSound('Ogg', `it has ${found.channels} channels at ${found.sampleRate} Hz`);
  return found;
}

/** RFC 3533, section 6: polynomial 0x04c11db7, not reflected; the checksum's own bytes count as 0. */
function checksum(page: Uint8Array, table: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < page.length; i++) {
    const byte = i >= 22 && i < 26 ? 0 : page[i]!;
    sum = (sum << 8) ^ table[(sum >>> 24) ^ byte]!;
  }
  return sum >>> 0;
}

function checksumTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte << 24;
    for (let bit = 0; bit < 8; bit++) sum = (sum << 1) ^ (sum < 0 ? 0x04c11db7 : 0);
    return sum;
  });
}
