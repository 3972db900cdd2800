import { checkCount, shown, VideoError } from '../errors.js';

/** More indices than this are a mistake, and are refused before they are made. */
const MAX_INDICES = 1_000_000;
/** So often a frame may be repeated, and no more, at a higher rate. */
export const MAX_REPEATS = 1000;

/**
 * Where frames are taken, evenly:
 * - `ends` (default): from the first frame to the last, `np.linspace(0, total - 1, count).astype(int)`, as with decord in LLaVA-Video;
 * - `starts`: the first frame of each of `count` parts, `np.arange(0, total, total / count).astype(int)`, as Video-LLaVA;
 * - `middles`: the middle frame of each part, `int(part / 2 + part * i)`, as TSN's test sampling (Wang et al. 2016, arXiv 1608.00859).
 */
export type UniformRule = 'ends' | 'starts' | 'middles';

/**
 * `count` frames evenly over a video of `total`; frames repeat where it has fewer.
 *
 * @throws VideoError `VIDEO_EMPTY` for a total of 0; `VIDEO_SAMPLING` for numbers that are no positive integers, over a million, or an unknown rule.
 */
export function uniformIndices(total: number, count: number, rule: UniformRule = 'ends'): number[] {
  checkTotal(total);
  checkIndexCount('count', count);
  const part = total / count;
  switch (rule) {
    case 'ends':
      return linspace(0, total - 1, count).map(Math.trunc);
    case 'starts':
      return Array.from({ length: count }, (_, i) => Math.trunc(i * part));
    case 'middles':
      return Array.from({ length: count }, (_, i) => Math.trunc(part / 2 + part * i));
    default:
      throw sampling('rule', rule, "'ends', 'starts' or 'middles'");
  }
}

export interface WindowOptions {
  /** First frame of the window; default 0. */
  readonly start?: number;
  readonly count: number;
  /** The window has count × stride frames; default 1. */
  readonly stride?: number;
}

/**
 * `count` frames of a window of count × stride frames, as the examples of VideoMAE, ViViT, X-CLIP and TimeSformer in transformers take them from
 * a chosen start: `np.clip(np.linspace(start, end, count), start, end - 1).astype(int)`. The steps are a little longer than `stride`.
 *
 * @throws VideoError `VIDEO_SAMPLING`; `VIDEO_TOO_SHORT` where the window does not fit into `total` frames.
 */
export function windowIndices(total: number, options: WindowOptions): number[] {
  const { start = 0, count, stride = 1 }: Partial<WindowOptions> = options ?? {};
  checkTotal(total);
  checkIndexCount('count', count);
  checkCount('stride', stride, 'VIDEO_SAMPLING');
  if (!Number.isSafeInteger(start) || start < 0) throw sampling('start', start, 'an integer of 0 or more');
  const end = start + count * stride;
  if (end > total) {
    throw new VideoError({
      code: 'VIDEO_TOO_SHORT',
      message: `a window of ${count} × ${stride} frames from frame ${start} ends at ${end}, but the video has ${total} frames.`,
      fix: 'Choose a smaller stride or an earlier start.',
    });
  }
  return linspace(start, end, count).map((position) => Math.trunc(Math.min(position, end - 1)));
}

/**
 * Frames at offsets from a key frame, such as [-2, -1, 0, 1, 2]; outside the video its first or last frame is taken.
 *
 * @throws VideoError `VIDEO_SAMPLING` for a key outside the video or offsets that are no integers; `VIDEO_EMPTY`.
 */
export function offsetIndices(total: number, key: number, offsets: readonly number[]): number[] {
  checkTotal(total);
  if (!Number.isSafeInteger(key) || key < 0 || key >= total) throw sampling('key', key, `a frame of 0 to ${total - 1}`);
  if (!Array.isArray(offsets) || offsets.length === 0 || !offsets.every(Number.isSafeInteger)) {
    throw sampling('offsets', offsets, 'a list of integers');
  }
  return offsets.map((offset) => Math.min(total - 1, Math.max(0, key + offset)));
}

export interface RateChange {
  /** Frames per second of the video. */
  readonly from: number;
  /** Frames per second that are wanted. */
  readonly to: number;
}

/**
 * Frames of a video of `total` at another rate, as torchvision's `VideoClips` takes them: every n-th where from ÷ to is the integer n, else
 * frame floor(i × from ÷ to), computed in float32, for i below floor(total × to ÷ from). Frames repeat where the rate rises.
 *
 * @throws VideoError `VIDEO_SAMPLING` for rates that are not positive and finite; `VIDEO_EMPTY`.
 */
export function rateIndices(total: number, rates: RateChange): number[] {
  checkTotal(total);
  const change = checkRates(rates);
  const count = change.count(total);
  if (count > 0) checkIndexCount('the number of frames at the new rate', count);
  return Array.from({ length: count }, (_, i) => change.index(i));
}

/** Which frame the i-th of the new rate is, and how many there are after `total` frames of the old one. @throws VideoError `VIDEO_SAMPLING`. */
export function checkRates(rates: RateChange): { index(i: number): number; count(total: number): number } {
  const { from, to } = rates ?? {};
  for (const [name, rate] of Object.entries({ from, to })) {
    if (typeof rate !== 'number' || !Number.isFinite(rate) || rate <= 0)
      throw sampling(name, rate, 'a positive number of frames per second');
  }
  const step = from / to;
  if (to / from > MAX_REPEATS) throw sampling('to', to, `at most ${MAX_REPEATS} times the rate of the video`);
  if (Number.isInteger(step)) return { index: (i) => i * step, count: (total) => Math.ceil(total / step) };
  const { fround } = Math;
  const step32 = fround(step);
  return { index: (i) => Math.floor(fround(fround(i) * step32)), count: (total) => Math.floor(total * (to / from)) };
}

/** As NumPy's: the last is exactly `to`, a single one is `from`. */
function linspace(from: number, to: number, count: number): number[] {
  const step = (to - from) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i === 0 ? from : i === count - 1 ? to : i * step + from));
}

function checkTotal(total: number): void {
  if (total === 0) throw new VideoError({ code: 'VIDEO_EMPTY', message: 'the video has no frames to sample.' });
  checkCount('total', total, 'VIDEO_SAMPLING');
}

function checkIndexCount(what: string, count: unknown): asserts count is number {
  checkCount(what, count, 'VIDEO_SAMPLING');
  if (count > MAX_INDICES) throw sampling(what, count, `at most ${MAX_INDICES}`);
}

function sampling(what: string, value: unknown, expected: string): VideoError {
  return new VideoError({ code: 'VIDEO_SAMPLING', message: `${what} is ${shown(value)}, but ${expected} was expected.` });
}
