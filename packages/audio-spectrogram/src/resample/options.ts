import { AudioError, checkOptions, optionError } from '../errors.js';
import { checkRate, type SignalOptions } from '../signal.js';
import { fitsBank } from './bank.js';
import type { Filter } from './filter.js';
import { polyphaseFilter } from './polyphase.js';
import { ratioOf } from './ratio.js';
import { sincFilter } from './sinc.js';

export interface SincResampleOptions extends SignalOptions {
  /** torchaudio's names of a sinc under a Hann window (default) or a Kaiser window. */
  readonly method?: 'sinc_interp_hann' | 'sinc_interp_kaiser';
  /**
   * Zero crossings of the sinc to each side, 1 to 1,024: more are sharper and slower. Where the rates have no large common divisor, such as 44,101
   * and 44,100, at most 100 times `rolloff` if there are more weights than are kept. Default 6.
   */
  readonly lowpassFilterWidth?: number;
  /** The cutoff as a fraction of the lower rate's Nyquist frequency, in (0, 1]. Default 0.99. */
  readonly rolloff?: number;
  /** Of the Kaiser window, 0 to 80; default 14.769656459379492. */
  readonly beta?: number;
  /**
   * What weights are computed in: `float32` (default) as torchaudio does for a float32 waveform, `float64` as for a float64 one, which is
   * nearer to the formula where the rates have no large common divisor. Rates that are not whole, which torchaudio refuses, always take `float64`.
   */
  readonly precision?: 'float32' | 'float64';
}

export interface PolyphaseOptions extends SignalOptions {
  /** scipy.signal.resample_poly. */
  readonly method: 'polyphase';
  /** Of the Kaiser window, 0 to 80; default 5. */
  readonly beta?: number;
  /** What stands before the first and after the last sample (SciPy's `cval`); default 0. */
  readonly padValue?: number;
}

export type ResampleOptions = SincResampleOptions | PolyphaseOptions;

/** A checked filter and what stands beyond the ends. */
export interface Plan {
  readonly filter: Filter;
  readonly padValue: number;
}

/** Rates further apart would sum too many samples for one output, or make too many of one. */
const MAX_RATIO = 100_000;
const MAX_TAPS = 2 ** 22;
const MAX_WIDTH = 1024;
/** Samples to each side at equal rates: bounds what a sample of the signal costs. */
const MAX_REACH = 2048;
/** The same where weights are computed for each output, which is tens of times slower. */
const MAX_COMPUTED_REACH = 100;
/** The window's peak, I0(beta), stays within float32. */
const MAX_BETA = 80;
/** A polyphase filter has twenty times as many taps as its larger factor says, and all are kept. */
const MAX_FACTOR = 2 ** 18;
const common = ['method', 'beta', 'notFinite', 'onWarning'];
const methods: readonly unknown[] = ['sinc_interp_hann', 'sinc_interp_kaiser', 'polyphase'];

/** Checks everything and designs the filter; undefined where the rates are equal. */
export function planOf(from: number, to: number, options: ResampleOptions): Plan | undefined {
  checkOptions('resample', options);
  checkRate(from);
  checkRate(to, 'rate');
  const { method = 'sinc_interp_hann', beta, onWarning } = options;
  if (!methods.includes(method)) refuse('method', method, `one of ${methods.join(', ')}`);
  const known = [...common, ...(method === 'polyphase' ? ['padValue'] : ['lowpassFilterWidth', 'rolloff', 'precision'])];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) refuse(`an option of ${method}`, unknown, `one of ${known.join(', ')}`);
  if (onWarning && typeof onWarning !== 'function') refuse('onWarning', onWarning, 'a function');
  if (beta !== undefined) checkNumber('beta', beta, 0, MAX_BETA);
  if (Math.max(from / to, to / from) > MAX_RATIO) {
    throw new AudioError({
      code: 'AUDIO_SAMPLE_RATE',
      message: `${from} to ${to} Hz is more than a factor of ${MAX_RATIO}.`,
      fix: 'Resample in two steps.',
    });
  }
  const plan = options.method === 'polyphase' ? polyphasePlan(from, to, options) : sincPlan(from, to, options);
  return from === to ? undefined : plan();
}

function sincPlan(from: number, to: number, options: SincResampleOptions): () => Plan {
  const { method, lowpassFilterWidth = 6, rolloff = 0.99, beta = 14.769656459379492, precision = 'float32' } = options;
  checkNumber('lowpassFilterWidth', lowpassFilterWidth, 1, MAX_WIDTH);
  if (!Number.isInteger(lowpassFilterWidth)) refuse('lowpassFilterWidth', lowpassFilterWidth, 'a whole number');
  checkNumber('rolloff', rolloff, Number.MIN_VALUE, 1);
  if (precision !== 'float32' && precision !== 'float64') refuse('precision', precision, "'float32' or 'float64'");
  const [reach, most] = [lowpassFilterWidth / rolloff, Math.min(MAX_REACH, MAX_TAPS / 2 / Math.max(1, from / to))];
  if (reach > most) refuse('lowpassFilterWidth / rolloff', reach, `at most ${most}`);
  const whole = Number.isInteger(from) && Number.isInteger(to);
  return () => {
    const filter = sincFilter(ratioOf(from, to), {
      lowpassFilterWidth,
      rolloff,
      beta: method === 'sinc_interp_kaiser' ? beta : undefined,
      precision: whole ? precision : 'float64',
    });
    if (reach > MAX_COMPUTED_REACH && !fitsBank(filter)) {
      const rates = `of ${from} to ${to} Hz, which have no large common divisor,`;
      refuse(`lowpassFilterWidth / rolloff ${rates}`, reach, `at most ${MAX_COMPUTED_REACH}`);
    }
    return { filter, padValue: 0 };
  };
}

function polyphasePlan(from: number, to: number, { beta = 5, padValue = 0 }: PolyphaseOptions): () => Plan {
  if (!Number.isFinite(padValue)) refuse('padValue', padValue, 'a finite number');
  const ratio = ratioOf(from, to);
  const factor = Math.max(ratio.step, ratio.phases);
  if (factor > MAX_FACTOR) {
    throw new AudioError({
      code: 'AUDIO_SAMPLE_RATE',
      message: `${from} to ${to} Hz is ${ratio.step} to ${ratio.phases}, but the polyphase filter takes factors up to ${MAX_FACTOR}.`,
      fix: "Leave method to its default, 'sinc_interp_hann', which takes any.",
    });
  }
  return () => ({ filter: polyphaseFilter(ratio, beta), padValue });
}

function checkNumber(name: string, value: unknown, least: number, greatest: number): void {
  if (!(typeof value === 'number' && value >= least && value <= greatest)) {
    refuse(name, value, `a number from ${least === Number.MIN_VALUE ? 'above 0' : least} to ${greatest}`);
  }
}

function refuse(name: string, value: unknown, expected: string): never {
  throw optionError(name, value, expected);
}
