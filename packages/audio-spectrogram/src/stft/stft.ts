import type { TensorLike } from '@polymodal/modality-registry';
import { checkNames } from '../choices.js';
import { AudioError, checkOptions } from '../errors.js';
import { planRealFft } from '../fft/real-plan.js';
import { type Signal, type SignalOptions, samplesOf } from '../signal.js';
import { newValues } from '../spectrogram/new-values.js';
import { binsOf, type FrameOptions, planFrames } from './options.js';
import { checkPadding, checkPadMode, type PadMode, readFrame } from './padding.js';

export interface StftOptions extends FrameOptions, SignalOptions {
  /** What a centred signal is padded with by half a frame at either end; default `reflect`, as torch's. librosa's default is `constant`. */
  readonly padMode?: PadMode;
  /** Whether the frequencies stop at half the rate (default), or all `fftLength` are given. */
  readonly onesided?: boolean;
}

/** Those of {@link stft}. */
export const stftNames: readonly (keyof StftOptions)[] = [
  ...(['fftLength', 'hopLength', 'winLength', 'window', 'center', 'normalized', 'onesided', 'padMode'] as const),
  ...(['notFinite', 'onWarning'] as const),
];

/** A complex spectrogram: real and imaginary parts, each [bins, frames]. */
export interface ComplexSpectrogram {
  readonly real: TensorLike<'float32'>;
  readonly imaginary: TensorLike<'float32'>;
}

/**
 * The short-time Fourier transform of a signal, real and imaginary parts of [bins, frames] each: `torch.stft` with its defaults, but for the
 * window; librosa's with `padMode: 'constant'`.
 *
 * @throws AudioError AUDIO_SIGNAL, AUDIO_NOT_FINITE for samples; AUDIO_TOO_SHORT for fewer than padding or one frame needs; AUDIO_FRAME
 * for lengths, AUDIO_WINDOW for a window that does not fit, AUDIO_OPTION for other options that there cannot be; AUDIO_TOO_LARGE
 */
export function stft(signal: Signal, options: StftOptions): ComplexSpectrogram {
  checkNames('stft', checkOptions('stft', options), stftNames);
  const { padMode = 'reflect', onesided } = options;
  const samples = samplesOf(signal, options);
  const { fftLength, hopLength, window, pad, divisor } = planFrames(options);
  const bins = binsOf(fftLength, onesided);
  checkPadMode(padMode);
  checkPadding(padMode, pad, samples.length);
  const room = samples.length + 2 * pad - fftLength;
  if (room < 0) {
    throw new AudioError({
      code: 'AUDIO_TOO_SHORT',
      message: `the signal has ${samples.length} samples, but a frame has ${fftLength}.`,
      fix: 'Append zeros to the signal, pass center: true, or take shorter frames.',
    });
  }
  const frames = Math.floor(room / hopLength) + 1;
  const real = newValues(bins, frames); // [bins, frames]
  const imaginary = newValues(bins, frames); // [bins, frames]
  const fft = planRealFft(fftLength);
  const frame = new Float64Array(fftLength);
  const re = new Float64Array(fft.bins);
  const im = new Float64Array(fft.bins);
  for (let i = 0; i < frames; i++) {
    readFrame(samples, i * hopLength - pad, padMode, frame);
    for (let j = 0; j < fftLength; j++) frame[j] = frame[j]! * window[j]!;
    fft.forward(frame, re, im);
    for (let b = 0; b < bins; b++) {
      // Above half the rate stand the conjugates.
      const mirrored = b >= fft.bins;
      const from = mirrored ? fftLength - b : b;
      real[b * frames + i] = re[from]! / divisor;
      imaginary[b * frames + i] = (mirrored ? -im[from]! : im[from]!) / divisor;
    }
  }
  return {
    real: { type: 'float32', dims: [bins, frames], data: real },
    imaginary: { type: 'float32', dims: [bins, frames], data: imaginary },
  };
}
