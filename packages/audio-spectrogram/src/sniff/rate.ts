import { type SoundFacts, soundFacts } from './facts.js';
import type { AudioFormat } from './format.js';

/** Of ADTS headers, by index (ISO/IEC 14496-3, table 1.18). */
const aacRates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];

/** What a file says of itself where a browser decodes it: its rate at least, so that nothing need be resampled. */
export function playableFacts(bytes: Uint8Array, format: AudioFormat): Partial<SoundFacts> & { readonly cutShort: boolean } {
  if (format === 'mp4') return { ...rateOnly(mp4Rate(bytes)), cutShort: false };
  if (format === 'aac') return { ...rateOnly(aacRates[(bytes[2]! >> 2) & 15]), cutShort: false };
  // Nearly all WebM holds Opus, which has one rate.
  if (format === 'webm') return { sampleRate: 48_000, cutShort: false };
  return soundFacts(bytes, format);
}

const rateOnly = (sampleRate: number | undefined) => (sampleRate ? { sampleRate } : {});

/** The rate in the sample description of the first sound track (ISO/IEC 14496-12, section 12.2.3): the boxes around it are not walked. */
function mp4Rate(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = bytes.indexOf(0x6d); at >= 0 && at + 32 <= bytes.length; at = bytes.indexOf(0x6d, at + 1)) {
    if (view.getUint32(at) !== 0x6d703461) continue; // mp4a
    const rate = view.getUint16(at + 28);
    // Six bytes of zeros follow its name, as in no brand of that name.
    if (view.getUint32(at + 4) === 0 && view.getUint16(at + 8) === 0 && rate > 0) return rate;
  }
  return undefined;
}
