import type { VideoSample } from './mediabunny.js';
import type { Plane } from './yuv-to-rgb.js';

export interface PixelFormat {
  /** Pixels that share a chroma sample, across and down. */
  readonly across: number;
  readonly down: number;
  readonly bits: number;
  /** U and V in turn. */
  readonly interleaved: boolean;
  readonly alpha: boolean;
}

/** YUV by WebCodecs' names, such as `I420`, `I422A`, `I444P10` and `NV12`; undefined for other formats. */
export function pixelFormat(name: string | null): PixelFormat | undefined {
  if (name === 'NV12') return { across: 2, down: 2, bits: 8, interleaved: true, alpha: false };
  const [, chroma, alpha, bits] = /^I(420|422|444)(A?)(?:P(10|12))?$/.exec(name ?? '') ?? [];
  if (chroma === undefined) return undefined;
  return {
    across: chroma === '444' ? 1 : 2,
    down: chroma === '420' ? 2 : 1,
    bits: Number(bits ?? 8),
    interleaved: false,
    alpha: alpha === 'A',
  };
}

/** Luma and chroma of a frame without gaps between rows, mirrored where that is asked for. */
export async function readPlanes(sample: VideoSample, format: PixelFormat, mirrored: boolean): Promise<Plane[]> {
  const { codedWidth: width, codedHeight: height } = sample;
  const { across, down, bits, interleaved, alpha } = format;
  const luma = { width, height, channels: 1 };
  const chroma = { width: Math.ceil(width / across), height: Math.ceil(height / down), channels: interleaved ? 2 : 1 };
  const shapes = [luma, ...(interleaved ? [chroma] : [chroma, chroma]), ...(alpha ? [luma] : [])];
  const size = bits > 8 ? 2 : 1;
  let bytes = 0;
  const layout = shapes.map(({ width, height, channels }) => {
    const offset = bytes;
    bytes += width * height * channels * size;
    return { offset, stride: width * channels * size };
  });
  const data = new Uint8Array(bytes);
  await sample.copyTo(data, { layout });
  return shapes.slice(0, interleaved ? 2 : 3).map(({ width, height, channels }, i) => {
    const count = width * height * channels;
    const { offset } = layout[i]!;
    const samples = size === 2 ? new Uint16Array(data.buffer, offset, count) : data.subarray(offset, offset + count);
    return { data: mirrored ? mirror(samples, width, channels) : samples, channels };
  });
}

function mirror(samples: Plane['data'], width: number, channels: number): Plane['data'] {
  const out = samples.slice();
  const row = width * channels;
  for (let i = 0; i < samples.length; i++) {
    const [start, channel] = [i - (i % row), i % channels];
    out[i] = samples[start + row - channels - ((i % row) - channel) + channel]!;
  }
  return out;
}
