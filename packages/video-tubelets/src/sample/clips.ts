import { checkCount } from '../errors.js';
import { checkSource, type FrameSource } from './source.js';

export interface ClipOptions {
  /** Frames of a clip. */
  readonly length: number;
  /** From one frame of a clip to the next; default 1, every frame. */
  readonly stride?: number;
  /** From the first frame of a clip to that of the next; default length × stride, so that clips do not overlap. */
  readonly step?: number;
}

/**
 * Cuts frames into clips, as torchvision's `VideoClips` does: clip i has the frames i × step + j × stride for j below `length`; what does not fill
 * a clip at the end is left out. Of a stream only the frames of clips that have begun are held.
 *
 * @throws VideoError `VIDEO_SAMPLING` for numbers that are no positive integers; `VIDEO_FRAMES`.
 */
export async function* clips<T>(frames: FrameSource<T>, options: ClipOptions): AsyncGenerator<T[], void, undefined> {
  checkSource(frames);
  const { length, stride = 1, step = length * stride } = options ?? {};
  for (const [name, value] of Object.entries({ length, stride, step })) checkCount(name, value, 'VIDEO_SAMPLING');
  let begun: { readonly first: number; readonly frames: T[] }[] = [];
  let index = 0;
  for await (const frame of frames) {
    if (index % step === 0) begun.push({ first: index, frames: [] });
    for (const clip of begun) {
      if ((index - clip.first) % stride === 0) clip.frames.push(frame);
    }
    // The oldest clip is the first to be full.
    if (begun[0]?.frames.length === length) {
      yield begun[0].frames;
      begun = begun.slice(1);
    }
    index++;
  }
}
