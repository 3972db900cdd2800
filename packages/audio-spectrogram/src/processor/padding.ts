import type { TensorLike } from '@polymodal/modality-registry';
import { AudioError, optionError } from '../errors.js';
import type { AudioProcessorOptions } from './extractor.js';

/** Sequences of rows as one rectangle. */
export interface Padded {
  /** [batch, length, width] */
  readonly data: Float32Array;
  readonly length: number;
  /** Rows of each that are no padding. */
  readonly lengths: readonly number[];
}

/** The most values of a batch: 2 GiB of them. */
const MOST_VALUES = 2 ** 29;

/**
 * Cuts and pads sequences of rows of `width` values on their right, as transformers' SequenceFeatureExtractor does.
 *
 * @throws AudioError AUDIO_OPTION where a maxLength is needed and missing; AUDIO_BATCH where lengths differ and are not padded; AUDIO_TOO_LARGE
 */
export function padded(sequences: readonly Float32Array[], width: number, value: number, options: AudioProcessorOptions): Padded {
  const { padding = 'longest', truncation = false, multipleOf = 1 } = options;
  if (options.maxLength === undefined && (truncation || padding === 'max')) {
    throw optionError('maxLength', undefined, 'a length to pad or to cut to');
  }
  const rounded = (length: number) => Math.ceil(length / multipleOf) * multipleOf;
  const most = rounded(options.maxLength ?? 0);

  const lengths = sequences.map(({ length }) => Math.min(length / width, truncation ? most : Number.POSITIVE_INFINITY));
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  const goal = padding === false ? 0 : padding === 'max' ? most : rounded(longest);
  const length = Math.max(goal, longest);
  const odd = lengths.findIndex((own) => Math.max(own, goal) !== length);
  if (odd >= 0) {
    throw new AudioError({
      code: 'AUDIO_BATCH',
      message: `sound ${odd} of the batch has a length of ${lengths[odd]}, but another has ${longest}.`,
      fix: "Pass padding: 'longest', or truncation: true with a maxLength.",
    });
  }
  checkSize(sequences.length, length, width);
  const data = new Float32Array(sequences.length * length * width).fill(value); // [batch, length, width]
  for (const [i, sequence] of sequences.entries()) data.set(sequence.subarray(0, lengths[i]! * width), i * length * width);
  return { data, length, lengths };
}

/** 1 for each of the first `lengths[i]` of `length` places, 0 behind them. [batch, length] */
export function maskOf(lengths: readonly number[], length: number): TensorLike<'int64'> {
  const data = new BigInt64Array(lengths.length * length);
  for (const [i, own] of lengths.entries()) data.fill(1n, i * length, i * length + own);
  return { type: 'int64', dims: [lengths.length, length], data };
}

/** @throws AudioError AUDIO_TOO_LARGE for more values than fit */
export function checkSize(...dims: readonly number[]): void {
  if (dims.reduce((values, dim) => values * dim, 1) <= MOST_VALUES) return;
  throw new AudioError({
    code: 'AUDIO_TOO_LARGE',
    message: `${dims.join(' × ')} values were asked for, but at most 2^29 fit.`,
    fix: 'Pass fewer or shorter sounds, or a smaller maxLength.',
  });
}
