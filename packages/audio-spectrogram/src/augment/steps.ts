import type { Audio, Random } from '@polymodal/modality-registry';
import { checkNames } from '../choices.js';
import { AudioError, checkOptions, shown } from '../errors.js';
import { rateOf, samplesOf } from '../signal.js';
import type { AudioAugmentation } from './augment-audio.js';
import { decibelsToGain } from './decibels.js';

/** The least and the greatest of what is drawn. */
export type DecibelRange = readonly [low: number, high: number];

/** Beyond this a gain leaves the range of float32. */
const MAX_DECIBELS = 200;

/** Louder or softer by a random number of decibels; default between -6 and 6. What passes ±1 is not cut off. @throws AudioError AUDIO_OPTION */
export function randomGain(decibels: DecibelRange = [-6, 6]): AudioAugmentation {
  checkRange('decibels', decibels);
  return (audio, random) => {
    const factor = decibelsToGain(drawn(decibels, random));
    return { ...audio, data: audio.data.map((x) => x * factor) };
  };
}

export interface TimeShiftOptions {
  /** The furthest move, either way; default 0.5. */
  readonly seconds?: number;
  /** `silence` (default) comes in at one end; or what leaves at the other, `wrap`. */
  readonly fill?: 'silence' | 'wrap';
}

/** Moves the sound in time, its length unchanged. @throws AudioError AUDIO_OPTION */
export function randomTimeShift(options: TimeShiftOptions = {}): AudioAugmentation {
  const { seconds = 0.5, fill = 'silence' } = checkOptions('randomTimeShift', options);
  checkNames('randomTimeShift', options, ['seconds', 'fill']);
  if (!(Number.isFinite(seconds) && seconds >= 0)) {
    throw new AudioError({ code: 'AUDIO_OPTION', message: `seconds is ${shown(seconds)}, but a number from 0 was expected.` });
  }
  if (fill !== 'silence' && fill !== 'wrap') {
    throw new AudioError({ code: 'AUDIO_OPTION', message: `fill is ${shown(fill)}, but 'silence' or 'wrap' was expected.` });
  }
  return (audio, random) => {
    const { data } = audio;
    const furthest = Math.min(data.length, Math.round(seconds * audio.sampleRate));
    const shift = random.integer(2 * furthest + 1) - furthest;
    const out = new Float32Array(data.length);
    if (shift >= 0) {
      out.set(data.subarray(0, data.length - shift), shift);
      if (fill === 'wrap') out.set(data.subarray(data.length - shift));
    } else {
      out.set(data.subarray(-shift));
      if (fill === 'wrap') out.set(data.subarray(0, -shift), data.length + shift);
    }
    return { ...audio, data: out };
  };
}

export interface AddNoiseOptions {
  /** Signal-to-noise ratio in decibels, drawn from this range; default [10, 30]. */
  readonly snr?: DecibelRange;
  /** Sounds at the rate of what they are added to, of which one is drawn, from a random place and around its end; default white noise. */
  readonly noises?: readonly Audio[];
}

/**
 * Adds noise at a random signal-to-noise ratio, the ratio of the whole sound's energy to that of the noise, as torchaudio's `add_noise`.
 * Silence has no such ratio and stays as it is; so does a sound to which a silent noise is drawn.
 *
 * @throws AudioError AUDIO_OPTION; AUDIO_SAMPLE_RATE where a noise has another rate than the sound
 */
export function addNoise(options: AddNoiseOptions = {}): AudioAugmentation {
  const { snr = [10, 30], noises } = checkOptions('addNoise', options);
  checkNames('addNoise', options, ['snr', 'noises']);
  checkRange('snr', snr);
  if (noises !== undefined && !(Array.isArray(noises) && noises.length > 0 && noises.every((noise) => samplesOf(noise).length > 0))) {
    throw new AudioError({ code: 'AUDIO_OPTION', message: 'noises has no sound, or an empty one, but sounds were expected.' });
  }
  return (audio, random) => {
    const { data } = audio;
    const ratio = drawn(snr, random);
    const noise = noises ? cut(noises[random.integer(noises.length)]!, audio, random) : white(data.length, random);
    const [ofSignal, ofNoise] = [energy(data), energy(noise)];
    if (ofSignal === 0 || ofNoise === 0) return audio;
    const factor = Math.sqrt(ofSignal / ofNoise) / decibelsToGain(ratio);
    return { ...audio, data: data.map((x, i) => x + factor * noise[i]!) };
  };
}

function white(length: number, random: Random): Float32Array {
  return Float32Array.from({ length }, () => random.normal());
}

function cut(noise: Audio, { data, sampleRate }: Audio, random: Random): Float32Array {
  if (rateOf(noise) !== sampleRate) {
    throw new AudioError({
      code: 'AUDIO_SAMPLE_RATE',
      message: `the noise has ${noise.sampleRate} Hz, but the sound ${sampleRate} Hz.`,
      fix: `Pass resample(noise, ${sampleRate}).`,
    });
  }
  const start = random.integer(noise.data.length);
  return data.map((_, i) => noise.data[(start + i) % noise.data.length]!);
}

function energy(data: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! * data[i]!;
  return sum;
}

function drawn([low, high]: DecibelRange, random: Random): number {
  return low + (high - low) * random.uniform();
}

function checkRange(name: string, range: DecibelRange): void {
  const fits = Array.isArray(range) && range.length === 2 && range.every((end) => typeof end === 'number' && Math.abs(end) <= MAX_DECIBELS);
  if (fits && range[0] <= range[1]) return;
  throw new AudioError({
    code: 'AUDIO_OPTION',
    message: `${name} is ${shown(range)}, but [low, high] in decibels, from -${MAX_DECIBELS} to ${MAX_DECIBELS}, was expected.`,
  });
}
