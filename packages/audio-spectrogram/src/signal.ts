import { type Audio, type WarningListener, warn } from '@polymodal/modality-registry';
import { AudioError, shown } from './errors.js';

/** Samples in [-1, 1]: alone where their rate does not matter, or with it. */
export type Signal = Float32Array | Audio;

export interface SignalOptions {
  /** `error` (default) refuses NaN and infinities; `zero` takes them for silence. */
  readonly notFinite?: 'error' | 'zero';
  /** Hears that samples look like unscaled integers; default the console, once. */
  readonly onWarning?: WarningListener;
}

/** Samples beyond this are louder than any mastering makes them: more than one in a hundred of them means another scale. */
const LOUD = 1.5;

/**
 * The samples of a signal, checked: the array itself, or a copy where `notFinite: 'zero'` had to change it.
 *
 * @throws AudioError AUDIO_SIGNAL for what is no signal, AUDIO_NOT_FINITE for NaN and infinities
 */
export function samplesOf(signal: Signal, { notFinite = 'error', onWarning }: SignalOptions = {}): Float32Array {
  const data = signal instanceof Float32Array ? signal : signal?.data;
  if (!(data instanceof Float32Array)) {
    throw new AudioError({
      code: 'AUDIO_SIGNAL',
      message: `samples are ${kindOf(data)}, but a Float32Array in [-1, 1], or { data: Float32Array, sampleRate }, was expected.`,
      fix: 'Divide 16-bit integers by 32768: Float32Array.from(samples, (x) => x / 32768).',
    });
  }
  if (data.byteLength === 0 && isDetached(data.buffer)) {
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
  if (loud > data.length / 100) {
    const message = `${loud} of ${data.length} samples are beyond ±${LOUD}, but [-1, 1] is usual: divide 16-bit samples by 32768.`;
    warn({ code: 'AUDIO_SCALE', message }, onWarning);
  }
  return data;
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

function kindOf(value: unknown): string {
  if (value === null || typeof value !== 'object') return shown(value);
  return value.constructor?.name ?? 'an object';
}

/** `detached` is newer than Node 20: there, a view cannot be made of a detached buffer. */
function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}
