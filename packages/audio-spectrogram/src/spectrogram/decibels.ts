import type { TensorLike } from '@polymodal/modality-registry';
import { checkNames } from '../choices.js';
import { logarithm } from '../engine/logarithm.js';
import { checkOptions, optionError } from '../errors.js';
import { viewSpectrogram } from '../spectrogram-tensor.js';
import { largest } from './largest.js';

/** Decibels: those of max(value, floor) less those of the reference, and at most `topDb` below the loudest. */
export interface Decibels {
  /** What 0 dB is; `max`: the largest value. Default 1. */
  readonly reference?: number | 'max';
  /** Smaller values are taken for this; default 1e-10, of amplitudes 1e-5. */
  readonly floor?: number;
  /** How far below the largest value all others may be; null: as far as the floor. Default 80, as in librosa (torchaudio's default is null). */
  readonly topDb?: number | null;
}

/** Powers [bins, frames] in decibels: librosa's `power_to_db`, and with `topDb: null` torchaudio's `AmplitudeToDB('power')`. @throws AudioError AUDIO_OPTION */
export function powerToDb(powers: TensorLike<'float32'>, options: Decibels = {}): TensorLike<'float32'> {
  return decibelsOf(powers, 10, checkDecibels(options, 1e-10));
}

/** Amplitudes [bins, frames] in decibels, which are those of their squares: librosa's `amplitude_to_db`. @throws AudioError AUDIO_OPTION */
export function amplitudeToDb(amplitudes: TensorLike<'float32'>, options: Decibels = {}): TensorLike<'float32'> {
  return decibelsOf(amplitudes, 20, checkDecibels(options, 1e-5));
}

/** Every choice made. @throws AudioError AUDIO_OPTION */
export function checkDecibels(options: Decibels, defaultFloor: number): Required<Decibels> {
  const { reference = 1, floor, topDb = 80 } = checkOptions('decibels', options);
  checkNames('decibels', options, ['scale', 'reference', 'floor', 'topDb']);
  const checked = { reference, floor: floor ?? defaultFloor, topDb };
  if (reference !== 'max') positive('reference', reference);
  positive('floor', checked.floor);
  if (topDb !== null && !(topDb >= 0 && topDb < Number.POSITIVE_INFINITY)) {
    throw optionError('topDb', topDb, 'null or a number of 0 or more');
  }
  return checked;
}

/** Logarithms to base 10 as decibels, in place: `factor` is 10 for powers and 20 for amplitudes. Rounded to float32 where torch and librosa round. */
export function scaleToDecibels(logarithms: Float32Array, factor: 10 | 20, { reference, floor, topDb }: Required<Decibels>): void {
  const { fround, max } = Math;
  const loudest = fround(factor * largest(logarithms));
  const zero = fround(reference === 'max' ? loudest : factor * Math.log10(max(floor, reference)));
  const lowest = topDb === null ? Number.NEGATIVE_INFINITY : fround(loudest - zero) - topDb;
  for (let i = 0; i < logarithms.length; i++) logarithms[i] = max(fround(factor * logarithms[i]!) - zero, lowest);
}

function decibelsOf(spectrogram: TensorLike<'float32'>, factor: 10 | 20, options: Required<Decibels>): TensorLike<'float32'> {
  const { data } = viewSpectrogram(spectrogram);
  const log10 = logarithm('10');
  const { floor } = options;
  const { max } = Math;
  const values = new Float32Array(data.length);
  for (let i = 0; i < values.length; i++) values[i] = log10(max(data[i]!, floor));
  scaleToDecibels(values, factor, options);
  return { type: 'float32', dims: [...spectrogram.dims], data: values };
}

function positive(name: string, value: unknown): void {
  if (typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY) return;
  throw optionError(name, value, 'a positive finite number');
}
