import type { WavFormat } from './format.js';

/**
 * Samples of one channel as float32, scaled as libsndfile does: integers by a power of two to [-1, 1), floats as they stand; what float32
 * cannot hold is rounded to the nearest. `out[i]` is the sample at byte `start + i × frameBytes`.
 */
export function readSamples(view: DataView, start: number, { encoding, littleEndian, frameBytes }: WavFormat, out: Float32Array): void {
  const { length } = out;
  let at = start;
  switch (encoding) {
    case 'pcm8':
      for (let i = 0; i < length; i++, at += frameBytes) out[i] = (view.getUint8(at) - 128) / 128;
      return;
    case 'pcm16':
      for (let i = 0; i < length; i++, at += frameBytes) out[i] = view.getInt16(at, littleEndian) / 0x8000;
      return;
    case 'pcm24': {
      const [low, high] = littleEndian ? [0, 2] : [2, 0];
      for (let i = 0; i < length; i++, at += frameBytes) {
        out[i] = ((view.getInt8(at + high) << 16) | (view.getUint8(at + 1) << 8) | view.getUint8(at + low)) / 0x800000;
      }
      return;
    }
    case 'pcm32':
      for (let i = 0; i < length; i++, at += frameBytes) out[i] = view.getInt32(at, littleEndian) / 0x80000000;
      return;
    case 'float32':
      for (let i = 0; i < length; i++, at += frameBytes) out[i] = view.getFloat32(at, littleEndian);
      return;
    case 'float64':
      for (let i = 0; i < length; i++, at += frameBytes) out[i] = view.getFloat64(at, littleEndian);
      return;
    case 'alaw':
      for (let i = 0; i < length; i++, at += frameBytes) out[i] = alaw(view.getUint8(at)) / 0x8000;
      return;
    case 'mulaw':
      for (let i = 0; i < length; i++, at += frameBytes) out[i] = mulaw(view.getUint8(at)) / 0x8000;
  }
}

/** ITU-T G.711, table 1, in units of 16 bits: a sign, three bits of segment, four bits within it; every other bit is inverted. */
function alaw(byte: number): number {
  const code = byte ^ 0x55;
  const segment = (code >> 4) & 7;
  const step = ((code & 15) << 4) + 8;
  const level = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return code & 0x80 ? level : -level;
}

/** ITU-T G.711, table 2, in units of 16 bits: all bits are inverted, and 33 quarters of a step are added before the segment is taken. */
function mulaw(byte: number): number {
  const code = ~byte;
  const level = ((((code & 15) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return code & 0x80 ? 0 - level : level;
}
