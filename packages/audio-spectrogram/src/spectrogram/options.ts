import { frameEngine } from '../engine/engine.js';
import type { FrameEngine } from '../engine/recipe.js';
import { AudioError, shown } from '../errors.js';
import { type MelBandOptions, sparseMelFilters } from '../mel/filters.js';
import type { SignalOptions } from '../signal.js';
import type { Framing } from '../stream/framing.js';
import { type WindowName, windowFunction } from '../window.js';
import type { LogPlan, LogScale } from './log-scale.js';

/** The defaults are those of librosa's `melspectrogram`; {@link torchaudioMel} has torchaudio's. */
export interface MelSpectrogramOptions extends MelBandOptions, SignalOptions {
  /** Hertz, where samples come without their rate. */
  readonly sampleRate?: number;
  /** Samples of a transform, of any number; default 2048. */
  readonly fftLength?: number;
  /** Samples from one frame to the next; default 512. */
  readonly hopLength?: number;
  /** Samples that the window covers, in the middle of a frame; default all. */
  readonly winLength?: number;
  /** By name, periodic; or its `winLength` factors. Default `hann`. */
  readonly window?: WindowName | Float64Array;
  /** Whether frames are centred on multiples of the hop (default), the signal padded by half a frame; or begin there. */
  readonly center?: boolean;
  /** What a centred signal is padded with: silence (`constant`, default), or itself mirrored at its ends. */
  readonly padMode?: 'reflect' | 'constant';
  /** Exponent of the magnitudes before they are summed into mels; default 2. */
  readonly power?: 1 | 2;
  /** Divides the spectrum by the root of the window's power, or of the frame's length, as torchaudio's `normalized`; default null. */
  readonly normalized?: 'window' | 'frameLength' | null;
}

export interface LogMelOptions extends MelSpectrogramOptions {
  readonly log: LogScale;
}

/** The defaults of torchaudio.transforms.MelSpectrogram: spread them, `{ ...torchaudioMel, mels: 80 }`. Its hop is half the window. */
export const torchaudioMel = {
  fftLength: 400,
  hopLength: 200,
  padMode: 'reflect',
  scale: 'htk',
  norm: null,
  convention: 'torchaudio',
} as const satisfies MelSpectrogramOptions;

/** What makes the frames of a mel spectrogram, and how they are cut. */
export interface MelPlan {
  readonly engine: FrameEngine;
  readonly framing: Framing;
}

/** @throws AudioError AUDIO_FRAME, AUDIO_WINDOW, AUDIO_MEL */
export function planMel(options: MelSpectrogramOptions, sampleRate: number, log: LogPlan | undefined): MelPlan {
  const { fftLength = 2048, hopLength = 512, center = true, padMode = 'constant', power = 2 } = options;
  count('fftLength', fftLength, 2 ** 20);
  count('hopLength', hopLength, Number.MAX_SAFE_INTEGER);
  if (padMode !== 'reflect' && padMode !== 'constant')
    throw frameError(`padMode is ${shown(padMode)}, but 'reflect' or 'constant' was expected.`);
  if (power !== 1 && power !== 2) throw frameError(`power is ${shown(power)}, but 1 or 2 was expected.`);
  const window = windowWithin(options, fftLength);
  const filters = sparseMelFilters({ ...options, sampleRate, fftLength });
  return {
    engine: frameEngine({ fftLength, hop: hopLength, window, power, filters, log: log?.recipe }),
    framing: { fftLength, hopLength, padMode: center ? padMode : undefined },
  };
}

/** The window in the middle of `fftLength` factors. */
function windowWithin({ window = 'hann', winLength, normalized = null }: MelSpectrogramOptions, fftLength: number): Float64Array {
  const length = winLength ?? (typeof window === 'string' ? fftLength : window.length);
  if (!(Number.isInteger(length) && length > 0 && length <= fftLength)) {
    throw frameError(`winLength is ${shown(length)}, but an integer from 1 to fftLength, ${fftLength}, was expected.`);
  }
  if (typeof window !== 'string' && !(window instanceof Float64Array && window.length === length && window.every(Number.isFinite))) {
    throw frameError(`window is no name and no Float64Array of ${length} finite factors.`);
  }
  if (normalized !== null && normalized !== 'window' && normalized !== 'frameLength') {
    throw frameError(`normalized is ${shown(normalized)}, but 'window', 'frameLength' or null was expected.`);
  }
  const factors = typeof window === 'string' ? windowFunction(window, length) : window;
  const within = new Float64Array(fftLength);
  within.set(factors, (fftLength - length) >> 1);
  if (normalized === null) return within;
  const power = normalized === 'window' ? factors.reduce((sum, factor) => sum + factor * factor, 0) : fftLength;
  return within.map((factor) => factor / Math.sqrt(power));
}

function count(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value > 0 && value <= most) return;
  throw frameError(`${name} is ${shown(value)}, but a number of samples from 1 to ${most} was expected.`);
}

function frameError(message: string): AudioError {
  return new AudioError({ code: 'AUDIO_FRAME', message });
}
