import { shown, VideoError } from '../errors.js';
import { checkRates, type RateChange, type UniformRule, uniformIndices } from './indices.js';
import { checkSource, type FrameSource } from './source.js';

/**
 * The frames at these indices, which must not decrease; a stream is read once, up to the last of them, and one frame of it is held.
 *
 * @throws VideoError `VIDEO_SAMPLING` for indices that decrease or are no integers of 0 or more; `VIDEO_TOO_SHORT` where the frames end before.
 */
export async function* pickFrames<T>(frames: FrameSource<T>, indices: readonly number[]): AsyncGenerator<T, void, undefined> {
  checkSource(frames);
  checkAscending(indices);
  let next = 0;
  if (next === indices.length) return;
  let seen = 0;
  for await (const frame of frames) {
    for (; indices[next] === seen; next++) yield frame;
    if (next === indices.length) return;
    seen++;
  }
  throw new VideoError({
    code: 'VIDEO_TOO_SHORT',
    message: `frame ${indices[next]} was asked for, but there are ${seen}.`,
    fix: 'Take indices from the number of frames that there are; the header of a file may promise more.',
  });
}

/**
 * A stream at another rate: the frames that `rateIndices` names, without knowing how many there will be; at most two are held.
 *
 * @throws VideoError `VIDEO_SAMPLING`, `VIDEO_FRAMES`.
 */
export async function* resampleFrames<T>(frames: FrameSource<T>, rates: RateChange): AsyncGenerator<T, void, undefined> {
  checkSource(frames);
  const { index, count } = checkRates(rates);
  let waiting: T[] = [];
  let given = 0;
  let seen = 0;
  for await (const frame of frames) {
    // A frame is given when there are enough for one more at the new rate; until then it waits.
    for (; index(given + waiting.length) === seen; ) waiting.push(frame);
    seen++;
    const ready = Math.min(waiting.length, count(seen) - given);
    for (const kept of waiting.slice(0, ready)) yield kept;
    given += ready;
    waiting = waiting.slice(ready);
  }
}

export interface SampleOptions {
  /** Default `ends`. */
  readonly rule?: UniformRule;
  /** How many frames there are; needed for a stream. */
  readonly total?: number;
}

/**
 * `count` frames evenly over a video, as {@link uniformIndices} names them.
 *
 * @throws VideoError `VIDEO_SAMPLING` also for a stream without its `total`; `VIDEO_EMPTY`, `VIDEO_TOO_SHORT`, `VIDEO_FRAMES`.
 */
export async function sampleFrames<T>(frames: FrameSource<T>, count: number, options: SampleOptions = {}): Promise<T[]> {
  checkSource(frames);
  const { rule, total } = options ?? {};
  const length = total ?? (Array.isArray(frames) ? frames.length : undefined);
  if (length === undefined) {
    throw new VideoError({
      code: 'VIDEO_SAMPLING',
      message: 'frames are a stream whose length is not known.',
      fix: 'Pass { total }, or sample by rate: resampleFrames.',
    });
  }
  const picked: T[] = [];
  for await (const frame of pickFrames(frames, uniformIndices(length, count, rule))) picked.push(frame);
  return picked;
}

function checkAscending(indices: readonly number[]): void {
  const odd = Array.isArray(indices)
    ? indices.findIndex((index, i) => !Number.isSafeInteger(index) || index < (i === 0 ? 0 : indices[i - 1]))
    : 0;
  if (odd < 0) return;
  throw new VideoError({
    code: 'VIDEO_SAMPLING',
    message: `indices are ${shown(indices)}, but integers of 0 or more that do not decrease were expected.`,
    fix: 'Sort them; a stream is read once.',
  });
}
