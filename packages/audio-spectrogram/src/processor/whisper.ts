import { whisperLogMel } from '../whisper/whisper.js';
import { type Fields, wrong } from './config.js';
import type { Extractor } from './extractor.js';
import { checkSize, maskOf, padded } from './padding.js';
import { standardize } from './waveform.js';

/** Transformers' defaults of WhisperFeatureExtractor. */
export const whisperDefaults = {
  feature_size: 80,
  sampling_rate: 16_000,
  hop_length: 160,
  chunk_length: 30,
  n_fft: 400,
  padding_value: 0,
  padding_side: 'right',
  return_attention_mask: false,
  dither: 0,
};

/**
 * Whisper's log-mel: of clips padded to `chunk_length`, or of whole files with `{ truncation: false, padding: 'longest' }`; the two differ, since
 * the loudest value counts. A `do_normalize` of the configuration says nothing, in transformers too: it is a choice of the call. `input_features` [batch, mels, frames], `attention_mask` [batch, frames]
 */
export function whisper(fields: Fields): Extractor {
  for (const [name, value] of Object.entries({ sampling_rate: 16_000, hop_length: 160, n_fft: 400, padding_value: 0, dither: 0 })) {
    fields.only(name, value);
  }
  fields.only('padding_side', 'right');
  const mels = fields.count('feature_size');
  if (mels !== 80 && mels !== 128) throw wrong('feature_size', mels, '80 or 128');
  const sampleRate = 16_000;
  const clip = fields.count('chunk_length') * sampleRate;
  const masked = fields.flag('return_attention_mask');
  return {
    sampleRate,
    name: 'input_features',
    outputDims: [mels, clip / 160],
    independent: true,
    run(sounds, options) {
      const { padding = 'max', truncation = true, maxLength = clip, normalize = false } = options;
      const { data, length, lengths } = padded(sounds, 1, 0, { ...options, padding, truncation, maxLength });
      const frames = Math.floor(length / 160);
      checkSize(sounds.length, mels, frames);
      const features = new Float32Array(sounds.length * mels * frames); // [batch, mels, frames]
      for (const [i, own] of lengths.entries()) {
        const samples = data.subarray(i * length, i * length + own);
        if (normalize) standardize(samples, own);
        // Samples of variance 1 are louder than [-1, 1]: that is no mistake here.
        const onWarning = () => {};
        features.set(whisperLogMel({ data: samples, sampleRate }, { mels, padding: length - own, onWarning }).data, i * mels * frames);
      }
      return {
        input_features: { type: 'float32', dims: [sounds.length, mels, frames], data: features },
        ...((options.attentionMask ?? masked) && {
          attention_mask: maskOf(
            lengths.map((own) => Math.min(frames, Math.ceil(own / 160))),
            frames,
          ),
        }),
      };
    },
  };
}
