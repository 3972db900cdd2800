import { AudioError } from '../errors.js';
import { kaldiFbank } from '../kaldi/features.js';
import type { KaldiFbankOptions } from '../kaldi/options.js';
import { type Fields, wrong } from './config.js';
import type { Extractor } from './extractor.js';
import { maskOf, padded } from './padding.js';
import { standardizeColumns } from './statistics.js';

/** 16-bit integers, which Kaldi's models were trained on. */
const SCALE = 2 ** 15;
/** Features divided by less would leave float32. */
const LEAST_STD = 1e-6;

const common = { feature_size: 80, sampling_rate: 16_000, padding_value: 0, padding_side: 'right', num_mel_bins: 80 };

export const astDefaults = {
  ...common,
  feature_size: 1,
  num_mel_bins: 128,
  max_length: 1024,
  do_normalize: true,
  mean: -4.2677393,
  std: 4.5689974,
};
export const seamlessDefaults = { ...common, stride: 2, return_attention_mask: true };
export const speechToTextDefaults = { ...common, dither: 0, do_ceptral_normalize: true, normalize_means: true, normalize_vars: true };
/** WeNet's Conformer: its statistics over the training data are part of the model. */
export const wenetDefaults = { ...speechToTextDefaults, do_ceptral_normalize: false };

/** The Audio Spectrogram Transformer's: as many frames as it has positions, cut or followed by zeros, then scaled. `input_values` [batch, frames, bins] */
export function ast(fields: Fields): Extractor {
  const sampleRate = fields.count('sampling_rate');
  const bins = fields.count('num_mel_bins');
  const maxLength = fields.count('max_length');
  const [mean, std] = fields.flag('do_normalize') ? [fields.number('mean'), fields.number('std')] : [0, 0.5];
  if (std < LEAST_STD) throw wrong('std', std, `a number from ${LEAST_STD}`);
  return {
    sampleRate,
    name: 'input_values',
    outputDims: [maxLength, bins],
    independent: true,
    run(sounds) {
      const rows = sounds.map((sound) => fbank(sound, { windowType: 'hanning', numMelBins: bins, sampleFrequency: sampleRate }));
      const { data } = padded(rows, bins, 0, { padding: 'max', truncation: true, maxLength });
      for (let i = 0; i < data.length; i++) data[i] = (data[i]! - mean) / (2 * std);
      return { input_values: { type: 'float32', dims: [sounds.length, maxLength, bins], data } };
    },
  };
}

/**
 * SeamlessM4T's and w2v-BERT 2.0's: each bin with mean 0 and variance 1 over the sound, `stride` frames side by side. `input_features`
 * [batch, groups, bins × stride], `attention_mask` [batch, groups]
 */
export function seamless(fields: Fields): Extractor {
  fields.only('sampling_rate', 16_000);
  fields.only('padding_side', 'right');
  const bins = fields.count('num_mel_bins');
  const stride = fields.count('stride');
  const masked = fields.flag('return_attention_mask');
  const value = fields.number('padding_value');
  return {
    sampleRate: 16_000,
    name: 'input_features',
    outputDims: [0, bins * stride],
    independent: false,
    run(sounds, options) {
      const rows = sounds.map((sound) => {
        const data = fbank(sound, { numMelBins: bins, scale: SCALE });
        const frames = data.length / bins;
        if (frames < 2) {
          throw new AudioError({
            code: 'AUDIO_TOO_SHORT',
            message: `a sound has ${sound.length} samples, but the variance of its features needs two frames, 560 samples.`,
            fix: 'Leave out or pad what is so short.',
          });
        }
        standardizeColumns(data, frames, bins, (squares) => Math.sqrt(squares / (frames - 1) + 1e-7));
        return data;
      });
      const { data, length, lengths } = padded(rows, bins, value, { multipleOf: 2, ...options });
      const groups = Math.floor(length / stride);
      const width = groups * stride * bins;
      const features = new Float32Array(sounds.length * width); // [batch, groups, bins × stride]
      for (let i = 0; i < sounds.length; i++) features.set(data.subarray(i * length * bins, i * length * bins + width), i * width);
      // A group counts where its second frame does.
      const counted = lengths.map((own) => Math.min(groups, Math.ceil((own - Math.min(1, stride - 1)) / stride)));
      return {
        input_features: { type: 'float32', dims: [sounds.length, groups, bins * stride], data: features },
        ...((options.attentionMask ?? masked) && { attention_mask: maskOf(counted, groups) }),
      };
    },
  };
}

/** Speech2Text's: each bin with mean 0 and variance 1 over the sound. `input_features` [batch, frames, bins], `attention_mask` [batch, frames] */
export function speechToText(fields: Fields): Extractor {
  fields.only('padding_side', 'right');
  const sampleRate = fields.count('sampling_rate');
  const bins = fields.count('num_mel_bins');
  const value = fields.number('padding_value');
  const dither = fields.number('dither');
  const cepstral = fields.flag('do_ceptral_normalize');
  const [means, variances] = [cepstral && fields.flag('normalize_means'), cepstral && fields.flag('normalize_vars')];
  return {
    sampleRate,
    name: 'input_features',
    outputDims: [0, bins],
    independent: false,
    run(sounds, options) {
      const rows = sounds.map((sound) =>
        fbank(sound, { numMelBins: bins, sampleFrequency: sampleRate, scale: SCALE, dither, seed: options.seed ?? 0 }),
      );
      const { data, length, lengths } = padded(rows, bins, value, options);
      for (const [i, own] of lengths.entries()) {
        const features = data.subarray(i * length * bins, (i * length + own) * bins);
        // A bin that never changes is divided by 1 where the original divides 0 by 0.
        if (variances) standardizeColumns(features, own, bins, (squares) => Math.sqrt(squares / own) || 1, means);
        else if (means) standardizeColumns(features, own, bins, () => 1);
      }
      return {
        input_features: { type: 'float32', dims: [sounds.length, length, bins], data },
        ...((options.attentionMask ?? true) && { attention_mask: maskOf(lengths, length) }),
      };
    },
  };
}

/** Features of samples that are checked already. */
function fbank(samples: Float32Array, options: KaldiFbankOptions): Float32Array {
  return kaldiFbank(samples, { ...options, onWarning: () => {} }).data;
}
