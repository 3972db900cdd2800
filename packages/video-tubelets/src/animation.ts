import { MAX_PIXELS, sniffImage } from '@polymodal/image-patcher';
import type { Image } from '@polymodal/modality-registry';
import { checkCount, VideoError } from './errors.js';

/** A frame and when it is shown. */
export interface TimedFrame extends Image {
  /** When it appears, in seconds from the first. */
  readonly time: number;
  /** How long it stays, in seconds, as the file says. */
  readonly seconds: number;
}

/** An animated picture that is open for reading: a `Video` of the contract. */
export interface Animation {
  readonly info: AnimationInfo;
  /** Whole frames, composed as a viewer shows them, decoded as they are read; each loop over them decodes anew. */
  readonly frames: AsyncIterable<TimedFrame>;
  /** Frames per second, where all frames stay as long. */
  readonly frameRate?: number;
}

export interface AnimationInfo {
  readonly format: 'gif' | 'webp';
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

export interface AnimationOptions {
  /** Refuse files of more frames, before decoding. Default 10,000. */
  readonly maxFrames?: number;
  /** Refuse files of more pixels, all frames together, before decoding. Default 2^30. One frame may have 89,478,485. */
  readonly maxPixels?: number;
  readonly signal?: AbortSignal;
}

/** Format and size of an animated picture, by its content. @throws VideoError `VIDEO_FORMAT`, and the ImageErrors of `sniffImage`. */
export function checkFormat(bytes: Uint8Array): Omit<AnimationInfo, 'frames'> {
  const { format, width, height } = sniffImage(bytes);
  if (format !== 'gif' && format !== 'webp') {
    throw new VideoError({
      code: 'VIDEO_FORMAT',
      message: `the file is ${format.toUpperCase()}, but GIF or WebP was expected.`,
      fix: 'Pictures are read by decodeImage of @polymodal/image-patcher, video files by openVideo of @polymodal/video-tubelets/ffmpeg.',
    });
  }
  checkLimits({ frames: 1, width, height }, {});
  return { format, width, height };
}

/** @throws VideoError `VIDEO_TOO_LARGE` over the limits, `VIDEO_OPTIONS` for limits that are none. */
export function checkLimits(
  { frames, width, height }: Omit<AnimationInfo, 'format'>,
  { maxFrames = 10_000, maxPixels = 2 ** 30 }: AnimationOptions,
): void {
  checkCount('maxFrames', maxFrames, 'VIDEO_OPTIONS');
  checkCount('maxPixels', maxPixels, 'VIDEO_OPTIONS');
  if (frames <= maxFrames && frames * width * height <= maxPixels && width * height <= MAX_PIXELS) return;
  throw new VideoError({
    code: 'VIDEO_TOO_LARGE',
    message: `the file claims ${frames} frames of ${width}×${height}, but at most ${maxFrames} frames and ${maxPixels} pixels in all are decoded.`,
    fix: 'It may be a decompression bomb; pass a larger maxFrames or maxPixels if it can be trusted.',
  });
}
