import type { Random, TensorLike } from '@polymodal/modality-registry';
import { checkNames } from '../choices.js';
import { AudioError, checkOptions, shown } from '../errors.js';
import { checkLayout, type SpectrogramLayout, type SpectrogramView, viewSpectrogram } from '../spectrogram-tensor.js';
import { seeded } from './augment-audio.js';

/** More are no augmentation: the paper's policies have two, adaptive ones twenty. */
const MOST_MASKS = 1000;
const NAMES = ['frequencyMasks', 'frequencyWidth', 'timeMasks', 'timeWidth', 'timeRatio', 'timeWarp', 'fill', 'layout'];

export interface SpecAugmentOptions {
  /** How many bands of frequencies are masked (m_F), and the most bins of one (F); default 2 and 27. */
  readonly frequencyMasks?: number;
  readonly frequencyWidth?: number;
  /** How many stretches of time are masked (m_T), and the most frames of one (T); default 2 and 100. */
  readonly timeMasks?: number;
  readonly timeWidth?: number;
  /** A stretch is also at most this share of all frames (p); default 1. The Conformer's is 0.05, with ten masks. */
  readonly timeRatio?: number;
  /** The furthest that a point in time is moved, in frames (W); default 0, no warp. */
  readonly timeWarp?: number;
  /** What stands where masks are: a number, or `mean` (default) of the spectrogram. */
  readonly fill?: number | 'mean';
  /** Default `bins-first`. */
  readonly layout?: SpectrogramLayout;
}

/**
 * SpecAugment (Park et al. 2019, arXiv 1904.08779): a function of a spectrogram and a seed that warps its time, then masks bands of
 * frequencies and stretches of time. The warp moves one random point and stretches what lies on either side, linear in between. The same
 * seed gives the same bytes in every engine.
 *
 * @throws AudioError AUDIO_OPTION for an option that cannot be meant; the function AUDIO_SPECTROGRAM
 */
export function specAugment(options: SpecAugmentOptions = {}): (spectrogram: TensorLike<'float32'>, seed: number) => TensorLike<'float32'> {
  checkNames('specAugment', checkOptions('specAugment', options), NAMES);
  const {
    frequencyMasks = 2,
    frequencyWidth = 27,
    timeMasks = 2,
    timeWidth = 100,
    timeRatio = 1,
    timeWarp = 0,
    fill = 'mean',
    layout = 'bins-first',
  } = options;
  for (const [name, value] of Object.entries({ frequencyMasks, frequencyWidth, timeMasks, timeWidth, timeWarp })) {
    const most = name.endsWith('Masks') ? MOST_MASKS : Number.MAX_SAFE_INTEGER;
    if (!Number.isSafeInteger(value) || value < 0 || value > most) throw wrong(name, value, `a whole number from 0 to ${most}`);
  }
  if (!(timeRatio >= 0 && timeRatio <= 1)) throw wrong('timeRatio', timeRatio, 'a number from 0 to 1');
  if (fill !== 'mean' && !Number.isFinite(fill)) throw wrong('fill', fill, "a finite number or 'mean'");
  checkLayout(layout);

  return (spectrogram, seed) => {
    const source = viewSpectrogram(spectrogram, layout);
    const random = seeded(seed);
    const [warping, frequency, time] = [random.fork('warp'), random.fork('frequency'), random.fork('time')];
    const data = timeWarp > 0 ? warp(source, timeWarp, warping) : source.data.slice();
    const value = fill === 'mean' ? mean(source.data) : fill;
    const { bins, frames, binStride, frameStride } = source;
    const longest = Math.min(timeWidth, Math.floor(timeRatio * frames));
    const masked = [stretches(bins, frequencyMasks, frequencyWidth, frequency), stretches(frames, timeMasks, longest, time)] as const;
    for (let b = 0; b < bins; b++) {
      for (let i = 0; i < frames; i++) if (masked[0][b] || masked[1][i]) data[b * binStride + i * frameStride] = value;
    }
    return { type: 'float32', dims: [...spectrogram.dims], data };
  };
}

function wrong(name: string, given: unknown, expected: string): AudioError {
  return new AudioError({ code: 'AUDIO_OPTION', message: `${name} is ${shown(given)}, but ${expected} was expected.` });
}

/** Marks of `size` lines: 1 on those of `count` stretches of up to `widest`, each drawn where it fits. */
function stretches(size: number, count: number, widest: number, random: Random): Uint8Array {
  const marks = new Uint8Array(size);
  for (let i = 0; i < count; i++) {
    const width = random.integer(Math.min(widest, size) + 1);
    const start = random.integer(size - width + 1);
    marks.fill(1, start, start + width);
  }
  return marks;
}

/** Moves a frame by up to `furthest` frames; the ends stay where they are. */
function warp({ data, bins, frames, binStride, frameStride }: SpectrogramView, furthest: number, random: Random): Float32Array {
  const out = data.slice();
  // The point and where it goes lie inside, or there is nothing to stretch.
  const reach = Math.min(furthest, Math.floor((frames - 1) / 2) - 1);
  if (reach < 1) return out;
  const point = reach + random.integer(frames - 2 * reach);
  const moved = Math.min(frames - 2, Math.max(1, point + random.integer(2 * reach + 1) - reach));
  for (let i = 0; i < frames; i++) {
    const from = i <= moved ? (i * point) / moved : point + ((i - moved) * (frames - 1 - point)) / (frames - 1 - moved);
    const below = Math.min(Math.floor(from), frames - 2);
    const share = from - below;
    for (let b = 0; b < bins; b++) {
      const at = b * binStride + below * frameStride;
      out[b * binStride + i * frameStride] = data[at]! * (1 - share) + data[at + frameStride]! * share;
    }
  }
  return out;
}

function mean(data: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]!;
  return data.length === 0 ? 0 : sum / data.length;
}
