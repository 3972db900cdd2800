import { checkChoice, checkNames } from '../choices.js';
import { frameEngine } from '../engine/engine.js';
import type { FrameEngine } from '../engine/recipe.js';
import { checkOptions, optionError } from '../errors.js';
import { type MelBandOptions, sparseMelFilters } from '../mel/filters.js';
import type { SignalOptions } from '../signal.js';
import { type FrameOptions, planFrames } from '../stft/options.js';
import { checkPadMode, type PadMode } from '../stft/padding.js';
import type { Framing } from '../stream/framing.js';
import type { LogPlan, LogScale } from './log-scale.js';

/** The defaults are those of librosa's `melspectrogram`; {@link torchaudioMel} has torchaudio's. */
export interface MelSpectrogramOptions
  extends MelBandOptions,
    SignalOptions,
    Pick<FrameOptions, 'winLength' | 'window' | 'center' | 'normalized'> {
  /** Hertz, where samples come without their rate. */
  readonly sampleRate?: number;
  /** Samples of a transform, of any number; default 2048. */
  readonly fftLength?: number;
  /** Samples from one frame to the next; default 512. */
  readonly hopLength?: number;
  /** What a centred signal is padded with by half a frame at either end; default `constant`. Streams take `constant` and `reflect`. */
  readonly padMode?: PadMode;
  /** Exponent of the magnitudes before they are summed into mels; default 2. */
  readonly power?: 1 | 2;
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

/** Those of {@link logMel}. */
export const melNames: readonly (keyof LogMelOptions)[] = [
  ...(['sampleRate', 'fftLength', 'hopLength', 'winLength', 'window', 'center', 'padMode', 'normalized', 'power', 'mels'] as const),
  ...(['minHz', 'maxHz', 'scale', 'norm', 'straightIn', 'convention', 'notFinite', 'onWarning', 'log'] as const),
];

/** What makes the frames of a mel spectrogram, and how they are cut. */
export interface MelPlan {
  readonly engine: FrameEngine;
  readonly framing: Framing;
}

/** Of a signal that is there from its start to its end. */
export interface WholeMelPlan {
  readonly engine: FrameEngine;
  readonly framing: Omit<Framing, 'padMode'> & { readonly padMode: PadMode | undefined };
}

/** Options that can be meant. @throws AudioError AUDIO_OPTION for what is no object, or has a name that is no option's */
export function checkMelOptions<Options extends MelSpectrogramOptions>(
  what: string,
  options: Options,
  known: readonly string[] = melNames,
): Options {
  checkNames(what, checkOptions(what, options), known);
  return options;
}

/** For a stream. @throws AudioError as {@link planWholeMel}; AUDIO_OPTION for padding that needs the whole signal */
export function planMel(options: MelSpectrogramOptions, sampleRate: number, log: LogPlan | undefined): MelPlan {
  const { engine, framing } = planWholeMel(checkMelOptions('a mel stream', options), sampleRate, log);
  const { padMode } = framing;
  if (padMode === 'replicate' || padMode === 'circular') {
    throw optionError('padMode', padMode, "'constant' or 'reflect', by which a stream can pad,");
  }
  return { engine, framing: { ...framing, padMode } };
}

/** @throws AudioError AUDIO_FRAME, AUDIO_WINDOW, AUDIO_MEL, AUDIO_OPTION, AUDIO_TOO_LARGE */
export function planWholeMel(options: MelSpectrogramOptions, sampleRate: number, log: LogPlan | undefined): WholeMelPlan {
  const { fftLength = 2048, hopLength = 512, padMode = 'constant', power = 2 } = options;
  const { window, pad, divisor } = planFrames({ ...options, fftLength, hopLength });
  checkPadMode(padMode);
  checkChoice('power', power, [1, 2]);
  const filters = sparseMelFilters({ ...options, sampleRate, fftLength });
  const divided = divisor === 1 ? window : window.map((factor) => factor / divisor);
  return {
    engine: frameEngine({ fftLength, hop: hopLength, window: divided, power, filters, log: log?.recipe }),
    framing: { fftLength, hopLength, padMode: pad > 0 ? padMode : undefined },
  };
}
