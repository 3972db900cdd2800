import type { WhisperConfig } from './whisper.js';

function size(width: number, heads: number, layers: number, rest: Partial<WhisperConfig> = {}): WhisperConfig {
  return {
    vocab_size: 51_865,
    num_mel_bins: 80,
    d_model: width,
    encoder_layers: layers,
    encoder_attention_heads: heads,
    decoder_layers: layers,
    decoder_attention_heads: heads,
    encoder_ffn_dim: 4 * width,
    decoder_ffn_dim: 4 * width,
    max_source_positions: 1500,
    max_target_positions: 448,
    ...rest,
  };
}

const english = { vocab_size: 51_864 };
const third = { vocab_size: 51_866, num_mel_bins: 128 };

/** The published sizes of Whisper, by the names that OpenAI gives them (arXiv 2212.04356, table 1). */
export const whisperConfigs = {
  tiny: size(384, 6, 4),
  'tiny.en': size(384, 6, 4, english),
  base: size(512, 8, 6),
  'base.en': size(512, 8, 6, english),
  small: size(768, 12, 12),
  'small.en': size(768, 12, 12, english),
  medium: size(1024, 16, 24),
  'medium.en': size(1024, 16, 24, english),
  'large-v1': size(1280, 20, 32),
  'large-v2': size(1280, 20, 32),
  'large-v3': size(1280, 20, 32, third),
  'large-v3-turbo': size(1280, 20, 32, { ...third, decoder_layers: 4 }),
} as const;
