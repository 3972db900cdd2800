import type { TensorLike } from '@polymodal/modality-registry';
import { AudioError, checkOptions } from '../errors.js';
import { kaldiFrames } from '../lengths/frames.js';
import { type Signal, samplesOf } from '../signal.js';
import { newValues } from '../spectrogram/new-values.js';
import { expectedRate } from '../stream/expected-rate.js';
import { type KaldiFbankOptions, type KaldiMfccOptions, type KaldiSettings, kaldiSettings } from './options.js';
import { fbankRows, type KaldiRows, mfccRows } from './rows.js';

/**
 * Kaldi's filter bank features, as torchaudio.compliance.kaldi.fbank computes them: [frames, numMelBins], or one more with `useEnergy`.
 *
 * @throws AudioError AUDIO_TOO_SHORT for fewer samples than a frame has; AUDIO_SAMPLE_RATE where the audio's rate is not `sampleFrequency`;
 * AUDIO_SIGNAL, AUDIO_NOT_FINITE; AUDIO_OPTION, AUDIO_FRAME, AUDIO_MEL for options that there cannot be; AUDIO_TOO_LARGE for more than 2^29 values
 */
export function kaldiFbank(audio: Signal, options: KaldiFbankOptions = {}): TensorLike<'float32'> {
  return features(audio, options, fbankRows);
}

/**
 * Kaldi's cepstra (MFCC), as torchaudio.compliance.kaldi.mfcc computes them: [frames, numCeps].
 *
 * @throws AudioError as {@link kaldiFbank}
 */
export function kaldiMfcc(audio: Signal, options: KaldiMfccOptions = {}): TensorLike<'float32'> {
  return features(audio, options, mfccRows);
}

function features(
  audio: Signal,
  options: KaldiFbankOptions & KaldiMfccOptions,
  rowsOf: (settings: KaldiSettings) => KaldiRows,
): TensorLike<'float32'> {
  checkOptions('Kaldi', options);
  const data = samplesOf(audio, options);
  const settings = kaldiSettings({ ...options, sampleFrequency: rateFor(audio, options.sampleFrequency) });
  // Before tables are made for nothing.
  const frames = frameCount(settings, data.length);
  const rows = rowsOf(settings);
  const { width } = rows;
  const out = newValues(width, frames); // [frames, width]
  rows.write({ data, from: 0, total: data.length }, 0, frames, out, 0);
  if (settings.subtractMean) subtractMeans(out, frames, width);
  return { type: 'float32', dims: [frames, width], data: out };
}

/**
 * The frames of a whole signal; none below `minDuration`.
 *
 * @throws AudioError AUDIO_TOO_SHORT
 */
export function frameCount(settings: KaldiSettings, samples: number): number {
  const { size, minDuration, sampleFrequency } = settings;
  if (samples < size) {
    throw new AudioError({
      code: 'AUDIO_TOO_SHORT',
      message: `the audio has ${samples} samples, but a frame has ${size}.`,
      fix: 'Leave out or pad what is so short, or give a shorter frameLength.',
    });
  }
  return samples < minDuration * sampleFrequency ? 0 : kaldiFrames(samples, settings);
}

/** The rate of a signal: the audio's own, `expected`, or 16,000. @throws AudioError AUDIO_SAMPLE_RATE where they differ */
export function rateFor(audio: Signal, expected: number | undefined): number {
  return expectedRate(audio, audio instanceof Float32Array ? (expected ?? 16_000) : expected);
}

function subtractMeans(values: Float32Array, rows: number, width: number): void {
  for (let c = 0; c < width; c++) {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += values[r * width + c]!;
    const mean = sum / rows;
    for (let r = 0; r < rows; r++) values[r * width + c]! -= mean;
  }
}
