import { AudioError, checkOptions, shown } from '../errors.js';
import { kaldiFrameSizes } from '../lengths/frames.js';
import { checkRate, type SignalOptions } from '../signal.js';

export type KaldiWindow = 'povey' | 'hanning' | 'hamming' | 'blackman' | 'rectangular';

/** What Kaldi's features are computed with: torchaudio.compliance.kaldi's names and defaults. Times are in milliseconds, frequencies in hertz. */
export interface KaldiOptions extends SignalOptions {
  /** Default the audio's own rate, or 16,000 where samples come alone. */
  readonly sampleFrequency?: number;
  /** What samples are multiplied by first; default 1. Models trained on 16-bit integers as they are want 32,768. */
  readonly scale?: number;
  /** Default 25. */
  readonly frameLength?: number;
  /** Default 10. */
  readonly frameShift?: number;
  /** Default `povey`. */
  readonly windowType?: KaldiWindow;
  /** Default 0.42. */
  readonly blackmanCoeff?: number;
  /** Default 0.97. */
  readonly preemphasisCoefficient?: number;
  /** Whether each frame's mean is taken off; default true. */
  readonly removeDcOffset?: boolean;
  /** Standard deviation of noise that is added to frames, after scaling; default 0. */
  readonly dither?: number;
  /** What the noise is drawn from: the same seed gives the same noise everywhere (not PyTorch's). Default 0. */
  readonly seed?: number;
  /** Whether frames are filled up with zeros to a power of two; default true. */
  readonly roundToPowerOfTwo?: boolean;
  /** Whether only frames that lie wholly inside count; default true. Otherwise there is one for every shift, and the ends are reflected. */
  readonly snipEdges?: boolean;
  /** Seconds; anything shorter has no frames. Default 0. */
  readonly minDuration?: number;
  /** Least energy of a frame; default 1. Mel energies have a floor of their own, float32's epsilon. */
  readonly energyFloor?: number;
  /** Whether energy is that before pre-emphasis and window; default true. */
  readonly rawEnergy?: boolean;
  /** Whether a frame's log energy stands with its features; default false. */
  readonly useEnergy?: boolean;
  /** Whether energy comes last instead of first; default false. */
  readonly htkCompat?: boolean;
  /** Whether each feature's mean over all frames is taken off; default false. */
  readonly subtractMean?: boolean;
  /** Default 23. */
  readonly numMelBins?: number;
  /** Default 20. */
  readonly lowFreq?: number;
  /** Default 0; where it is not positive, it counts from half the sample rate. */
  readonly highFreq?: number;
  /** Default 100. */
  readonly vtlnLow?: number;
  /** Default −500; where it is negative, it counts from half the sample rate. */
  readonly vtlnHigh?: number;
  /** Vocal tract length: default 1, none. */
  readonly vtlnWarp?: number;
}

export interface KaldiFbankOptions extends KaldiOptions {
  /** Whether energies are logarithms; default true. */
  readonly useLogFbank?: boolean;
  /** Whether spectra are powers instead of magnitudes; default true. */
  readonly usePower?: boolean;
}

export interface KaldiMfccOptions extends KaldiOptions {
  /** Default 13. */
  readonly numCeps?: number;
  /** Default 22; 0 scales nothing. */
  readonly cepstralLifter?: number;
}

const numbers = {
  sampleFrequency: 16_000,
  scale: 1,
  frameLength: 25,
  frameShift: 10,
  blackmanCoeff: 0.42,
  preemphasisCoefficient: 0.97,
  dither: 0,
  seed: 0,
  minDuration: 0,
  energyFloor: 1,
  numMelBins: 23,
  lowFreq: 20,
  highFreq: 0,
  vtlnLow: 100,
  vtlnHigh: -500,
  vtlnWarp: 1,
  numCeps: 13,
  cepstralLifter: 22,
};
const flags = {
  removeDcOffset: true,
  roundToPowerOfTwo: true,
  snipEdges: true,
  rawEnergy: true,
  useEnergy: false,
  htkCompat: false,
  subtractMean: false,
  useLogFbank: true,
  usePower: true,
};
const windows: readonly string[] = ['povey', 'hanning', 'hamming', 'blackman', 'rectangular'];

type Numbers = { readonly [K in keyof typeof numbers]: number };
type Flags = { readonly [K in keyof typeof flags]: boolean };

/** Every option with its value, and what follows from them in samples. */
export interface KaldiSettings extends Numbers, Flags {
  readonly windowType: KaldiWindow;
  /** Samples of a frame. */
  readonly size: number;
  /** Samples from frame to frame. */
  readonly shift: number;
  /** Samples of a transform. */
  readonly padded: number;
}

/** The longest transform: a million samples. */
const LONGEST = 2 ** 20;
const MOST_BINS = 4096;
/** More than any integer samples need: powers and logarithms stay finite. */
const GREATEST = 2 ** 32;

/**
 * The options of torchaudio, checked and completed.
 *
 * @throws AudioError AUDIO_OPTION for a value of the wrong kind; AUDIO_SAMPLE_RATE; AUDIO_FRAME for frames that there cannot be; AUDIO_MEL for bands that there cannot be
 */
export function kaldiSettings(options: KaldiFbankOptions & KaldiMfccOptions): KaldiSettings {
  checkOptions('Kaldi', options);
  const given = Object.entries(options).filter(([name, value]) => value !== undefined && name !== 'notFinite' && name !== 'onWarning');
  for (const [name, value] of given) check(name, value);
  const all = { ...numbers, ...flags, windowType: 'povey' as const, ...Object.fromEntries(given) } as Numbers &
    Flags & { readonly windowType: KaldiWindow };
  checkRate(all.sampleFrequency, 'sampleFrequency');
  const { size, shift } = kaldiFrameSizes(all);
  const padded = all.roundToPowerOfTwo ? 2 ** Math.ceil(Math.log2(size)) : size;
  if (size < 2 || shift < 1 || padded > LONGEST || shift > LONGEST) {
    throw wrong('AUDIO_FRAME', `frames of ${size} samples every ${shift}`, 'at least 2 samples every sample, and at most 2^20,');
  }
  if (padded % 2 === 1) {
    throw wrong('AUDIO_FRAME', `a frame of ${size} samples`, 'an even number, or roundToPowerOfTwo: true,');
  }
  if (all.preemphasisCoefficient < 0 || all.preemphasisCoefficient > 1) {
    throw wrong('AUDIO_OPTION', `a preemphasisCoefficient of ${all.preemphasisCoefficient}`, 'one from 0 to 1');
  }
  for (const name of ['energyFloor', 'minDuration', 'dither'] as const) {
    if (all[name] < 0) throw wrong('AUDIO_OPTION', `${name}: ${all[name]}`, '0 or more');
  }
  for (const name of ['scale', 'dither', 'energyFloor', 'blackmanCoeff', 'cepstralLifter'] as const) {
    if (Math.abs(all[name]) > GREATEST) throw wrong('AUDIO_OPTION', `${name}: ${all[name]}`, 'no more than 2^32');
  }
  if (!(Number.isSafeInteger(all.seed) && all.seed >= 0)) {
    throw wrong('AUDIO_OPTION', `seed: ${all.seed}`, 'a whole number from 0 to 2^53 - 1');
  }
  if (!(Number.isSafeInteger(all.numMelBins) && all.numMelBins > 3 && all.numMelBins <= MOST_BINS)) {
    throw wrong('AUDIO_MEL', `numMelBins: ${all.numMelBins}`, `a whole number of 4 to ${MOST_BINS}`);
  }
  return { ...all, size, shift, padded };
}

function check(name: string, value: unknown): void {
  const known = Object.hasOwn(numbers, name) ? 'a finite number' : Object.hasOwn(flags, name) ? 'true or false' : undefined;
  const good = known === 'a finite number' ? Number.isFinite(value) : typeof value === 'boolean';
  if (name === 'windowType') {
    if (!windows.includes(value as string)) throw wrong('AUDIO_OPTION', `windowType: ${shown(value)}`, `one of ${windows.join(', ')}`);
  } else if (!known) {
    throw wrong('AUDIO_OPTION', `the option ${shown(name)}`, `only ${Object.keys({ ...numbers, ...flags }).join(', ')} and windowType`);
  } else if (!good) {
    throw wrong('AUDIO_OPTION', `${name}: ${shown(value)}`, known);
  }
}

export function wrong(code: string, given: string, expected: string): AudioError {
  return new AudioError({ code, message: `${given} was asked for, but ${expected} was expected.` });
}
