import { checkChoice, checkFlag } from '../choices.js';
import { AudioError, shown } from '../errors.js';
import { checkFftLength } from '../fft/real-fft.js';
import { type WindowName, windowFunction } from '../window.js';

/** Frames of a short-time Fourier transform and their windows; the defaults are torch's, but for the window, which torch leaves out. */
export interface FrameOptions {
  /** Samples of a transform, of any number; with a prime factor above 5 it takes 5 to 10 times as long: of 1,048,573 samples, 0.12 s a frame. */
  readonly fftLength: number;
  /** Samples from one frame to the next; default ⌊fftLength / 4⌋, but at least 1. librosa's default is a quarter of the window. */
  readonly hopLength?: number;
  /** Samples that the window covers, in the middle of a frame; default all. */
  readonly winLength?: number;
  /** By name, periodic; or its `winLength` factors. Default `hann`, as librosa's; torch's default is `rectangular`. */
  readonly window?: WindowName | Float64Array;
  /** Whether frames are centred on multiples of the hop (default), the signal padded by half a frame; or begin there. */
  readonly center?: boolean;
  /** Divides by the root of `fftLength`, as torch's `normalized`, or of the window's power; default null. */
  readonly normalized?: 'frameLength' | 'window' | null;
}

/** Checked options, with the window within its frame. */
export interface FramePlan {
  readonly fftLength: number;
  readonly hopLength: number;
  readonly winLength: number;
  /** Factors, `fftLength` of them. */
  readonly window: Float64Array;
  /** Samples that stand before the signal. */
  readonly pad: number;
  /** What a spectrum is divided by. */
  readonly divisor: number;
}

/**
 * The frames of every spectrogram but Kaldi's.
 *
 * @throws AudioError AUDIO_FRAME for lengths and hops, AUDIO_WINDOW for a window that does not fit, AUDIO_OPTION for words and flags
 */
export function planFrames(options: FrameOptions): FramePlan {
  const { fftLength, window = 'hann', center = true, normalized = null } = options;
  checkFftLength(fftLength);
  const { hopLength = Math.max(1, Math.floor(fftLength / 4)) } = options;
  const { winLength = window instanceof Float64Array ? window.length : fftLength } = options;
  if (!(Number.isSafeInteger(hopLength) && hopLength > 0)) {
    throw frameError(`hopLength is ${shown(hopLength)}, but a positive number of samples was expected.`);
  }
  if (!(Number.isInteger(winLength) && winLength > 0 && winLength <= fftLength)) {
    throw frameError(`winLength is ${shown(winLength)}, but 1 to ${fftLength} samples, as many as fftLength, were expected.`);
  }
  checkFlag('center', center);
  checkChoice('normalized', normalized, ['frameLength', 'window', null]);
  const factors = window instanceof Float64Array ? window : windowFunction(window, winLength);
  if (factors.length !== winLength || !factors.every(Number.isFinite)) {
    throw windowError(`the window has ${factors.length} factors, but ${winLength} finite ones were expected.`);
  }
  const power = normalized === 'window' ? factors.reduce((sum, factor) => sum + factor * factor, 0) : fftLength;
  if (!(power > 0 && power < Number.POSITIVE_INFINITY)) {
    throw windowError(`the window's power is ${power}, but normalized: 'window' divides by it.`);
  }
  const within = new Float64Array(fftLength);
  within.set(factors, (fftLength - winLength) >> 1);
  return {
    fftLength,
    hopLength,
    winLength,
    window: within,
    pad: center ? fftLength >> 1 : 0,
    divisor: normalized === null ? 1 : Math.sqrt(power),
  };
}

/** How many values a spectrum has. @throws AudioError AUDIO_OPTION for an `onesided` that is no boolean */
export function binsOf(fftLength: number, onesided = true): number {
  checkFlag('onesided', onesided);
  return onesided ? (fftLength >> 1) + 1 : fftLength;
}

export function frameError(message: string): AudioError {
  return new AudioError({ code: 'AUDIO_FRAME', message });
}

export function windowError(message: string, fix?: string): AudioError {
  return new AudioError({ code: 'AUDIO_WINDOW', message, ...(fix === undefined ? {} : { fix }) });
}
