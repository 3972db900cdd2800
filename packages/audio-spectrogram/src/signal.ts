import { type Audio, type WarningListener, warn } from '@polymodal/modality-registry';
import { AudioError, checkOptions, optionError, shown } from './errors.js';

/** Samples in [-1, 1]: alone where their rate does not matter, or with it. */
export type Signal = Float32Array | Audio;

export interface SignalOptions {
  /** `error` (default) refuses NaN and infinities; `zero` takes them for silence. */
  readonly notFinite?: 'error' | 'zero';
  /** Hears, once of a sound or a batch, that samples look like unscaled integers; default the console, once of all. */
  readonly onWarning?: WarningListener;
}

/** Samples beyond this are louder than any mastering makes them: more than one in a hundred of them means another scale. */
const LOUD = 1.5;

/** What came so far of a sound in chunks, which counts as one. */
export interface Heard {
  samples: number;
  loud: number;
  /** Loud samples beyond one in a hundred that are no reason to warn; infinitely many after a warning. */
  spare: number;
}

/** A sound in chunks, of which quiet ones may follow the loud. */
export const newHeard = (): Heard => ({ samples: 0, loud: 0, spare: 100 });

/**
 * The samples of a signal, checked: the array itself, or a copy where `notFinite: 'zero'` had to change it. Those of a chunk are counted in `heard`.
 *
 * @throws AudioError AUDIO_SIGNAL for what is no signal, AUDIO_NOT_FINITE for NaN and infinities, AUDIO_OPTION for options that are no object, or a listener that is no function
 */
export function samplesOf(signal: Signal, options: SignalOptions = {}, heard: Heard = { samples: 0, loud: 0, spare: 0 }): Float32Array {
  const { notFinite, onWarning } = checkOptions('sound', options);
  if (onWarning && typeof onWarning !== 'function') throw optionError('onWarning', onWarning, 'a function');
  const data = signal instanceof Float32Array ? signal : signal?.data;
  if (!(data instanceof Float32Array)) {
    throw new AudioError({
      code: 'AUDIO_SIGNAL',
      message: `samples are ${(data as object)?.constructor?.name ?? shown(data)}, but a Float32Array in [-1, 1], or { data: Float32Array, sampleRate }, was expected.`,
      fix: 'Divide 16-bit integers by 32768: Float32Array.from(samples, (x) => x / 32768).',
    });
  }
  try {
    // `detached` is newer than Node 20: there, a view cannot be made of a detached buffer.
    new Uint8Array(data.buffer);
  } catch {
    throw new AudioError({
      code: 'AUDIO_SIGNAL',
      message: 'the samples are gone: their buffer was transferred to another thread.',
      fix: 'Transfer a copy, data.slice().',
    });
  }
  let loud = 0;
  let bad = -1;
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    // False for NaN too.
    if (!(x <= LOUD && x >= -LOUD)) {
      loud++;
      if (bad < 0 && !Number.isFinite(x)) bad = i;
    }
  }
  if (bad >= 0) {
    if (notFinite !== 'zero') {
      throw new AudioError({
        code: 'AUDIO_NOT_FINITE',
        message: `sample ${bad} is ${data[bad]}, but samples must be finite.`,
        fix: "Repair the source, or pass { notFinite: 'zero' } to take such samples for silence.",
      });
    }
    return data.map((x) => (Number.isFinite(x) ? x : 0));
  }
  heard.samples += data.length;
  heard.loud += loud;
  warnOfScale(heard, onWarning);
  return data;
}

function warnOfScale(heard: Heard, onWarning: WarningListener | undefined): void {
  const { samples, loud, spare } = heard;
  if (loud <= samples / 100 + spare) return;
  heard.spare = Infinity;
  const message = `${loud} of ${samples} samples are beyond ±${LOUD}, but [-1, 1] is usual: divide 16-bit samples by 32768.`;
  warn({ code: 'AUDIO_SCALE', message }, onWarning);
}

/** Warns of a sound in chunks, now that all of it is known, unless its chunks did. */
export function endHeard(heard: Heard, onWarning: WarningListener | undefined): void {
  if (heard.spare < Infinity) heard.spare = 0;
  warnOfScale(heard, onWarning);
}

/** The rate of a signal in hertz. @throws AudioError AUDIO_SAMPLE_RATE where it is missing or no positive finite number */
export function rateOf(signal: Signal): number {
  const rate: unknown = signal instanceof Float32Array ? undefined : signal?.sampleRate;
  return checkRate(rate);
}

/** @throws AudioError AUDIO_SAMPLE_RATE for what is no positive finite number of hertz */
export function checkRate(rate: unknown, name = 'sampleRate'): number {
  if (typeof rate === 'number' && rate > 0 && Number.isFinite(rate)) return rate;
  throw new AudioError({
    code: 'AUDIO_SAMPLE_RATE',
    message: `${name} is ${shown(rate)}, but a positive number of hertz was expected.`,
    fix: 'Pass { data, sampleRate: 16000 }, with the rate that the sound was recorded at.',
  });
}
