import { AudioError } from '../errors.js';
import { logMel } from '../spectrogram/mel-spectrogram.js';
import { windowFunction } from '../window.js';
import type { Fields } from './config.js';
import type { Extractor } from './extractor.js';
import { checkSize, maskOf, padded } from './padding.js';
import { standardizeColumns, transposed } from './statistics.js';

export const parakeetDefaults = {
  feature_size: 80,
  sampling_rate: 16_000,
  hop_length: 160,
  n_fft: 512,
  win_length: 400,
  preemphasis: 0.97,
  padding_value: 0,
  padding_side: 'right',
};

/**
 * NVIDIA NeMo's features of FastConformer and Parakeet: pre-emphasis of the whole waveform, natural log-mel, each bin with mean 0 and variance 1
 * over the sound. `input_features` [batch, frames, mels], `attention_mask` [batch, frames]
 */
export function parakeet(fields: Fields): Extractor {
  fields.only('padding_side', 'right');
  fields.only('padding_value', 0);
  const sampleRate = fields.count('sampling_rate');
  const mels = fields.count('feature_size');
  const hopLength = fields.count('hop_length');
  const emphasis = fields.number('preemphasis');
  const options = {
    mels,
    fftLength: fields.count('n_fft'),
    hopLength,
    window: windowFunction('hann', fields.count('win_length'), { periodic: false }),
    sampleRate,
    log: { scale: 'ln', add: 2 ** -24 },
    onWarning: () => {},
  } as const;

  const features = (sound: Float32Array): Float32Array => {
    const frames = Math.floor(sound.length / hopLength);
    if (frames < 2) {
      throw new AudioError({
        code: 'AUDIO_TOO_SHORT',
        message: `a sound has ${sound.length} samples, but the variance of its features needs two frames, ${2 * hopLength} samples.`,
        fix: 'Leave out or pad what is so short.',
      });
    }
    const sharp = sound.map((x, i) => (i === 0 ? x : x - emphasis * sound[i - 1]!));
    // [mels, frames + 1] → [frames, mels]: the last frame, centred on the end, does not count.
    const rows = transposed(logMel(sharp, options).data, mels, frames + 1, frames);
    standardizeColumns(rows, frames, mels, (squares) => Math.sqrt(squares / (frames - 1)) + 1e-5);
    return rows;
  };

  return {
    sampleRate,
    name: 'input_features',
    outputDims: [0, mels],
    independent: false,
    run(sounds, call) {
      const { data, length, lengths } = padded(sounds, 1, 0, call);
      const frames = 1 + Math.floor(length / hopLength);
      checkSize(sounds.length, frames, mels);
      const out = new Float32Array(sounds.length * frames * mels); // [batch, frames, mels]
      for (const [i, own] of lengths.entries()) out.set(features(data.subarray(i * length, i * length + own)), i * frames * mels);
      return {
        input_features: { type: 'float32', dims: [sounds.length, frames, mels], data: out },
        ...((call.attentionMask ?? true) && {
          attention_mask: maskOf(
            lengths.map((own) => Math.floor(own / hopLength)),
            frames,
          ),
        }),
      };
    },
  };
}
