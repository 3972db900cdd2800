import { shown, VideoError } from '../errors.js';

/** Frames of any kind: a list, or a stream that is read one by one and no further than needed. */
export type FrameSource<T> = Iterable<T> | AsyncIterable<T>;

/** @throws VideoError `VIDEO_FRAMES` for what cannot be iterated; a string is no list of frames. */
export function checkSource(source: unknown): void {
  const iterable = typeof source === 'object' && source !== null && (Symbol.iterator in source || Symbol.asyncIterator in source);
  if (iterable) return;
  throw new VideoError({
    code: 'VIDEO_FRAMES',
    message: `frames are ${shown(source)}, but an array or an (async) iterable of frames was expected.`,
    fix: 'Decode the file first: @polymodal/video-tubelets/node, /ffmpeg or /browser.',
  });
}
