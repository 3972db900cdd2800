import type { Fields } from './config.js';
import type { AudioProcessorOptions, Extractor } from './extractor.js';
import { maskOf, padded } from './padding.js';
import { standardizeColumns } from './statistics.js';

/** Transformers' defaults of wav2vec 2.0, HuBERT, WavLM and Moonshine. */
export const wav2vec2Defaults = {
  feature_size: 1,
  sampling_rate: 16_000,
  padding_value: 0,
  padding_side: 'right',
  return_attention_mask: false,
  do_normalize: true,
};

/** SpeechT5's, of what it hears. */
export const speechT5Defaults = { ...wav2vec2Defaults, return_attention_mask: true, do_normalize: false };

/** Waveforms as they are, or with mean 0 and variance 1. `input_values` [batch, samples], `attention_mask` [batch, samples] */
export function waveforms(fields: Fields): Extractor {
  fields.only('padding_side', 'right');
  fields.only('feature_size', 1);
  const sampleRate = fields.count('sampling_rate');
  const value = fields.number('padding_value');
  const normalize = fields.flag('do_normalize');
  const masked = fields.flag('return_attention_mask');
  return {
    sampleRate,
    name: 'input_values',
    outputDims: [0],
    independent: false,
    run(sounds, options: AudioProcessorOptions) {
      const mask = options.attentionMask ?? masked;
      const { data, length, lengths } = padded(sounds, 1, value, options);
      if (normalize) {
        // Models trained without a mask were trained on waveforms that had been padded first.
        for (const [i, own] of lengths.entries()) standardize(data.subarray(i * length, (i + 1) * length), mask ? own : length);
      }
      return {
        input_values: { type: 'float32', dims: [sounds.length, length], data },
        ...(mask && { attention_mask: maskOf(lengths, length) }),
      };
    },
  };
}

/** Brings the first `count` values to mean 0 and (population) variance 1, in place. */
export function standardize(values: Float32Array, count: number): void {
  standardizeColumns(values, count, 1, (squares) => Math.sqrt(squares / count + 1e-7));
}
