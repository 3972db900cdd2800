import { AudioError, shown } from '../errors.js';
import { checkFftLength } from '../fft/real-fft.js';
import { type WindowName, windowFunction } from '../window.js';

/** Frames and windows of a short-time Fourier transform; the defaults are torch's, but for the window, which torch leaves out. */
export interface FrameOptions {
  /** Samples of a transform, of any number. */
  readonly fftLength: number;
  /** Samples from one frame to the next; default ⌊fftLength / 4⌋, but at least 1. librosa's default is a quarter of the window. */
  readonly hopLength?: number;
  /** Samples that the window covers, in the middle of a frame; default all. */
  readonly winLength?: number;
  /** By name, periodic; or its `winLength` factors. Default `hann`, as librosa's; torch's default is `rectangular`. */
  readonly window?: WindowName | Float64Array;
  /** Whether frames are centred on multiples of the hop (default), or begin there. */
  readonly center?: boolean;
  /** Divides by the root of `fftLength`, as torch's `normalized`, or of the window's power; default null. */
  readonly normalized?: 'frameLength' | 'window' | null;
  /** Whether the frequencies stop at half the rate (default), or all `fftLength` are given. */
  readonly onesided?: boolean;
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
  readonly bins: number;
}

/** @throws AudioError AUDIO_FFT_LENGTH, AUDIO_FRAME, AUDIO_WINDOW */
export function planFrames(options: FrameOptions): FramePlan {
  const { fftLength, window = 'hann', center = true, normalized = null, onesided = true } = options;
  checkFftLength(fftLength);
  const { hopLength = Math.max(1, Math.floor(fftLength / 4)) } = options;
  const { winLength = typeof window === 'string' ? fftLength : window.length } = options;
  if (!(Number.isSafeInteger(hopLength) && hopLength > 0)) {
    throw frameError(`hopLength is ${shown(hopLength)}, but a positive number of samples was expected.`);
  }
  if (!(Number.isInteger(winLength) && winLength > 0 && winLength <= fftLength)) {
    throw frameError(`winLength is ${shown(winLength)}, but 1 to ${fftLength} samples, as many as fftLength, were expected.`);
  }
  if (normalized !== null && normalized !== 'frameLength' && normalized !== 'window') {
    throw frameError(`normalized is ${shown(normalized)}, but 'frameLength', 'window' or null was expected.`);
  }
  const factors = typeof window === 'string' ? windowFunction(window, winLength) : window;
  if (!(factors instanceof Float64Array && factors.length === winLength && factors.every(Number.isFinite))) {
    throw frameError(`window is no name and no Float64Array of ${winLength} finite factors.`);
  }
  const within = new Float64Array(fftLength);
  within.set(factors, (fftLength - winLength) >> 1);
  const power = normalized === 'window' ? factors.reduce((sum, factor) => sum + factor * factor, 0) : fftLength;
  return {
    fftLength,
    hopLength,
    winLength,
    window: within,
    pad: center ? fftLength >> 1 : 0,
    divisor: normalized === null ? 1 : Math.sqrt(power),
    bins: onesided ? (fftLength >> 1) + 1 : fftLength,
  };
}

export function frameError(message: string): AudioError {
  return new AudioError({ code: 'AUDIO_FRAME', message });
}
