import { type Orientation, orient } from '@polymodal/image-patcher';
import type { Image } from '@polymodal/modality-registry';
import { readCanvas } from './canvas.js';
import type { VideoSample } from './mediabunny.js';
import { type PixelFormat, pixelFormat, readPlanes } from './planes.js';
import { isMatrix, type YuvLayout, yuvToRgb } from './yuv-to-rgb.js';

export interface Colors {
  readonly matrix?: string | null;
  readonly fullRange?: boolean | null;
}

/**
 * A reader of decoded frames as upright RGB, at the levels of `/ffmpeg`; what is no YUV of a known matrix (RGB, frames that only the graphics
 * processor can read) goes through a canvas, at the browser's levels. Alpha is left out.
 */
export function frameReader({ matrix, fullRange }: Colors): (sample: VideoSample) => Promise<Image> {
  // What does not say is taken as ffmpeg takes it.
  const known = matrix ?? 'smpte170m';
  let kept: { readonly key: string; readonly convert: ReturnType<typeof yuvToRgb> } | undefined;
  const converter = (layout: YuvLayout) => {
    const key = JSON.stringify(layout);
    if (kept?.key !== key) kept = { key, convert: yuvToRgb(layout) };
    return kept.convert;
  };

  return async (sample) => {
    const format = pixelFormat(sample.format);
    if (!format || !isMatrix(known)) return orient(await readCanvas(sample), orientationOf(sample));
    const { codedWidth: width, codedHeight: height } = sample;
    const { across, down, bits }: PixelFormat = format;
    const convert = converter({ width, height, across, down, bits, matrix: known, fullRange: fullRange === true });
    // Upside down, ffmpeg mirrors before it converts and flips after: left and right are not rounded alike.
    const mirrored = sample.rotation === 180 && !sample.flip;
    const data = convert(await readPlanes(sample, format, mirrored));
    return orient({ data, width, height, channels: 3 }, mirrored ? 4 : orientationOf(sample));
  };
}

const rotations: readonly Orientation[] = [1, 6, 3, 8];
const flipped: readonly Orientation[] = [2, 5, 4, 7];

function orientationOf({ rotation, flip }: VideoSample): Orientation {
  return (flip ? flipped : rotations)[rotation / 90] ?? 1;
}
