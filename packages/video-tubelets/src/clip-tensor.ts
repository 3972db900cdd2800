import { convert, normalize } from '@polymodal/image-patcher';
import type { Image, TensorLike } from '@polymodal/modality-registry';
import { shown, VideoError } from './errors.js';
import { joinFrames } from './join.js';

/** Frames of one size as an array, or as float32 values: [time, channels, height, width] or [batch, time, channels, height, width]. */
export type Clip = readonly Image[] | TensorLike;

/** [batch, time, channels, height, width] */
export interface ClipShape {
  readonly batch: number;
  readonly time: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Frames of one size → RGB values in [0, 1]. [time, 3, height, width]
 *
 * @throws VideoError `VIDEO_EMPTY`, `VIDEO_FRAME_SIZE`, `VIDEO_TOO_LARGE`, `VIDEO_FRAMES` for what is no list; ImageError for a frame that is no picture.
 */
export function framesToTensor(frames: readonly Image[]): TensorLike<'float32'> {
  checkFrames(frames);
  return joinFrames(each(frames, rgbValues), frames.length);
}

/** One frame → RGB values in [0, 1]. [3, height, width] */
export function rgbValues(frame: Image): TensorLike<'float32'> {
  return normalize(convert(frame, 'rgb'));
}

/** What `make` gives for each item, made only when it is asked for. */
export function* each<T, R>(items: readonly T[], make: (item: T) => R): Generator<R> {
  for (const item of items) yield make(item);
}

/** @throws VideoError `VIDEO_FRAMES` unless `frames` is a list, `VIDEO_EMPTY` where it has none. */
export function checkFrames(frames: unknown): asserts frames is readonly Image[] {
  if (!Array.isArray(frames)) {
    throw new VideoError({ code: 'VIDEO_FRAMES', message: `frames are ${shown(frames)}, but an array of pictures was expected.` });
  }
  if (frames.length === 0) throw noFrames();
}

export function noFrames(): VideoError {
  return new VideoError({
    code: 'VIDEO_EMPTY',
    message: 'the video has no frames, but at least one was expected.',
    fix: 'Check that the file has a picture track, and that sampling does not begin after its end.',
  });
}
