import type { Image } from '@polymodal/modality-registry';
import { VideoError } from '../errors.js';
import type { VideoFrame, VideoSample } from './mediabunny.js';

interface Canvases {
  readonly OffscreenCanvas?: new (
    width: number,
    height: number,
  ) => { getContext(kind: '2d', options: { readonly alpha: false; readonly willReadFrequently: true }): Context | null };
}

interface Context {
  drawImage(frame: VideoFrame, x: number, y: number, width: number, height: number): void;
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
}

/** A frame as the browser draws it, unturned: RGB. @throws VideoError `VIDEO_DECODE` where there is no canvas. */
export async function readCanvas(sample: Pick<VideoSample, 'codedWidth' | 'codedHeight' | 'toVideoFrame'>): Promise<Image> {
  const { codedWidth: width, codedHeight: height } = sample;
  const { OffscreenCanvas } = globalThis as Canvases;
  const context = OffscreenCanvas && new OffscreenCanvas(width, height).getContext('2d', { alpha: false, willReadFrequently: true });
  if (!context)
    throw new VideoError({ code: 'VIDEO_DECODE', message: 'the frame can only be read through a canvas, and the browser has none left.' });
  const frame = sample.toVideoFrame();
  try {
    context.drawImage(frame, 0, 0, width, height);
  } finally {
    frame.close();
  }
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height * 3);
  for (let o = 0, i = 0; o < data.length; o += 3, i += 4) {
    data[o] = rgba[i]!;
    data[o + 1] = rgba[i + 1]!;
    data[o + 2] = rgba[i + 2]!;
  }
  return { data, width, height, channels: 3 };
}
