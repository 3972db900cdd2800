import { createRandom, type Random } from '@polymodal/modality-registry';
import { AudioError } from '../errors.js';
import { logMel } from '../spectrogram/mel-spectrogram.js';
import { type Fields, wrong } from './config.js';
import type { Extractor } from './extractor.js';
import { checkSize } from './padding.js';
import { transposed } from './statistics.js';

export const clapDefaults = {
  feature_size: 64,
  sampling_rate: 48_000,
  hop_length: 480,
  max_length_s: 10,
  fft_window_size: 1024,
  frequency_min: 0,
  frequency_max: 14_000,
  truncation: 'fusion',
  padding: 'repeatpad',
};

const htk = { scale: 'htk', norm: null } as const;
const slaney = { scale: 'slaney', norm: 'slaney' } as const;

/** One sound: [views, frames, bins], and whether it was longer than the model's clip. */
interface View {
  readonly data: Float32Array;
  readonly longer: boolean;
}

/**
 * CLAP's mel spectrograms in decibels (Wu et al. 2023, arXiv 2211.06687): of clips repeated and padded to `max_length_s`; of longer sounds a random
 * cut (`rand_trunc`, with Slaney's filters), or with HTK's filters four views, the whole shrunk and three random cuts (`fusion`). `input_features`
 * [batch, 1 or 4, frames, bins], `is_longer` [batch, 1]
 */
export function clap(fields: Fields): Extractor {
  const sampleRate = fields.count('sampling_rate');
  const bins = fields.count('feature_size');
  const hopLength = fields.count('hop_length');
  const clip = fields.count('max_length_s') * sampleRate;
  const fused = fields.word('truncation', ['fusion', 'rand_trunc']) === 'fusion';
  const fill = fields.word('padding', ['repeatpad', 'repeat', 'pad']);
  // Transformers shrinks to 64 bins whatever the number of them.
  if (fused && bins !== 64) throw wrong('feature_size', bins, '64, where truncation is "fusion",');
  const [minHz, maxHz] = [fields.number('frequency_min'), fields.number('frequency_max')];
  const options = {
    sampleRate,
    mels: bins,
    fftLength: fields.count('fft_window_size'),
    hopLength,
    padMode: 'reflect',
    convention: 'transformers',
    ...(fused ? htk : slaney),
    minHz,
    maxHz,
    log: { scale: 'dB', topDb: null },
    onWarning: () => {},
  } as const;
  const decibels = (samples: Float32Array): Float32Array => {
    const { data, dims } = logMel(samples, options);
    return transposed(data, bins, dims[1]!); // [frames, bins]
  };

  const view = (sound: Float32Array, length: number, random: Random): View => {
    if (sound.length <= length) {
      const data = decibels(filled(sound, length, fill));
      return { data: fused ? repeated(data, 4) : data, longer: false };
    }
    if (!fused) {
      const start = random.integer(sound.length - length + 1);
      return { data: decibels(sound.subarray(start, start + length)), longer: true };
    }
    const data = decibels(sound);
    const frames = Math.floor(length / hopLength) + 1;
    if (data.length === frames * bins) return { data: repeated(data, 4), longer: false };
    return { data: fourViews(data, frames, bins, random), longer: true };
  };

  const views = fused ? 4 : 1;
  return {
    sampleRate,
    name: 'input_features',
    outputDims: [views, Math.floor(clip / hopLength) + 1, bins],
    // Draws depend on a sound's place, and one of a batch counts as longer.
    independent: false,
    run(sounds, { maxLength = clip, seed = 0 }) {
      checkSize(1, maxLength);
      const random = createRandom(seed);
      const frames = Math.floor(maxLength / hopLength) + 1;
      const size = views * frames * bins;
      checkSize(sounds.length, views, frames, bins);
      const data = new Float32Array(sounds.length * size); // [batch, views, frames, bins]
      const longer = new Uint8Array(sounds.length); // [batch, 1]
      for (const [i, sound] of sounds.entries()) {
        if (sound.length === 0) {
          throw new AudioError({ code: 'AUDIO_TOO_SHORT', message: `sound ${i} of the batch has no samples.`, fix: 'Leave it out.' });
        }
        // Each sound draws from a generator of its own, whatever stands beside it.
        const one = view(sound, maxLength, random.fork(i));
        data.set(one.data, i * size);
        longer[i] = Number(one.longer);
      }
      // The fusing layers want at least one long sound in a batch.
      if (fused && !longer.includes(1)) longer[random.integer(sounds.length)] = 1;
      return {
        input_features: { type: 'float32', dims: [sounds.length, views, frames, bins], data },
        is_longer: { type: 'bool', dims: [sounds.length, 1], data: longer },
      };
    },
  };
}

/** A sound of up to `length` samples, repeated wholly (`repeatpad`), or to the last sample (`repeat`); zeros behind it. */
function filled(sound: Float32Array, length: number, fill: 'repeatpad' | 'repeat' | 'pad'): Float32Array {
  const out = new Float32Array(length);
  const times = Math.floor(length / sound.length);
  const whole = fill === 'pad' ? 1 : times;
  for (let i = 0; i < whole; i++) out.set(sound, i * sound.length);
  if (fill === 'repeat') out.set(sound.subarray(0, length - times * sound.length), times * sound.length);
  return out;
}

function repeated(data: Float32Array, times: number): Float32Array {
  const out = new Float32Array(times * data.length);
  for (let i = 0; i < times; i++) out.set(data, i * data.length);
  return out;
}

/** The whole shrunk to `frames`, then a random cut of each third of where a cut may begin. [total, bins] → [4, frames, bins] */
function fourViews(data: Float32Array, frames: number, bins: number, random: Random): Float32Array {
  const size = frames * bins;
  const out = new Float32Array(4 * size);
  const total = data.length / bins;
  for (let frame = 0; frame < frames; frame++) {
    // Linear between the centres of frames, as PyTorch's bilinear interpolation without align_corners.
    const place = Math.max(0, (frame + 0.5) * (total / frames) - 0.5);
    const before = Math.floor(place);
    const after = Math.min(before + 1, total - 1);
    const part = place - before;
    for (let b = 0; b < bins; b++) {
      out[frame * bins + b] = data[before * bins + b]! * (1 - part) + data[after * bins + b]! * part;
    }
  }
  const places = total - frames + 1;
  let first = 0;
  for (let third = 0; third < 3; third++) {
    const count = Math.floor((places + 2 - third) / 3);
    // With one or two places there are no second and third thirds: those cuts begin where the sound does.
    const start = count > 0 ? first + random.integer(count) : 0;
    out.set(data.subarray(start * bins, start * bins + size), (third + 1) * size);
    first += count;
  }
  return out;
}
