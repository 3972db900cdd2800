import { damagedSound, headerCut, type SoundFacts } from './facts.js';

interface Frame {
  readonly bytes: number;
  readonly samples: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** Where a Xing or Info header would stand in it. */
  readonly tagAt: number;
}

/** kbit/s by index from 1 (ISO/IEC 11172-3 and 13818-3): layers I, II, III of MPEG-1, then I, and II and III, of MPEG-2. */
const rates = [
  [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/**
 * What an MP3 is, by walking over its frames: MPEG audio has no header of the whole.
 *
 * @throws AudioError `AUDIO_TRUNCATED` for less than a frame, `AUDIO_DECODE` where there is none
 */
export function mp3Facts(bytes: Uint8Array): SoundFacts {
  let at = tagEnd(bytes);
  let first: Frame | undefined;
  let [count, samples, promised, cutShort] = [0, 0, 0, at > bytes.length];
  while (at + 4 <= bytes.length) {
    const frame = frameAt(bytes, at);
    // A frame is one where another follows, or the end: eleven set bits alone stand anywhere.
    const next = frame ? at + frame.bytes : 0;
    if (!frame || (!first && next + 4 <= bytes.length && !frameAt(bytes, next))) {
      at++;
      continue;
    }
    cutShort = next > bytes.length;
    if (cutShort) break;
    if (!first) promised = promisedFrames(bytes, at + frame.tagAt);
    first ??= frame;
    // A header of the whole file is a frame without sound.
    if (count++ > 0 || promised === 0) samples += frame.samples;
    at = next;
  }
  if (!first) throw cutShort ? headerCut('MP3') : damagedSound('MP3', 'no frame of MPEG audio was found');
  const { sampleRate, channels } = first;
  return { codec: 'mp3', sampleRate, channels, frames: samples, cutShort: cutShort || count - 1 < promised };
}

/** Where an ID3v2 tag ends (id3.org, section 3.1): four times seven bits of length. */
function tagEnd(bytes: Uint8Array): number {
  if (String.fromCharCode(...bytes.subarray(0, 3)) !== 'ID3') return 0;
  if (bytes.length < 10) throw headerCut('MP3');
  const footer = bytes[5]! & 16 ? 10 : 0;
  return 10 + footer + bytes.subarray(6, 10).reduce((length, byte) => length * 128 + (byte & 127), 0);
}

function frameAt(bytes: Uint8Array, at: number): Frame | undefined {
  if (bytes[at] !== 0xff || (bytes[at + 1]! & 0xe0) !== 0xe0) return undefined;
  const [version, layer] = [(bytes[at + 1]! >> 3) & 3, 4 - ((bytes[at + 1]! >> 1) & 3)];
  const [rate, base] = [bytes[at + 2]! >> 4, [44_100, 48_000, 32_000][(bytes[at + 2]! >> 2) & 3]];
  if (version === 1 || layer === 4 || rate === 0 || rate === 15 || base === undefined) return undefined;
  const mpeg1 = version === 3;
  const sampleRate = base / (mpeg1 ? 1 : version === 2 ? 2 : 4);
  const bits = rates[mpeg1 ? layer - 1 : layer === 1 ? 3 : 4]![rate - 1]! * 1000;
  const samples = layer === 1 ? 384 : layer === 3 && !mpeg1 ? 576 : 1152;
  const padding = (bytes[at + 2]! >> 1) & 1;
  const slots = Math.floor(((samples / (layer === 1 ? 32 : 8)) * bits) / sampleRate) + padding;
  const channels = bytes[at + 3]! >> 6 === 3 ? 1 : 2;
  const sideInfo = mpeg1 ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17;
  return { bytes: layer === 1 ? slots * 4 : slots, samples, sampleRate, channels, tagAt: 4 + sideInfo };
}

/** The frames that a Xing or Info header counts, or 0. */
function promisedFrames(bytes: Uint8Array, at: number): number {
  const name = String.fromCharCode(...bytes.subarray(at, at + 4));
  if ((name !== 'Xing' && name !== 'Info') || at + 12 > bytes.length || (bytes[at + 7]! & 1) === 0) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at + 8);
}
