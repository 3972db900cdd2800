import type { Gpt2Config, LlamaConfig, UnetConfig, WhisperConfig } from '../src/index.js';

// The models whose random weights and outputs are in src/goldens.

export const gpt2Golden: Gpt2Config = { vocab_size: 50, n_positions: 16, n_embd: 24, n_layer: 2, n_head: 3 };

export const llamaGolden: LlamaConfig = {
  vocab_size: 40,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
};

export const whisperGolden: WhisperConfig = {
  vocab_size: 60,
  num_mel_bins: 8,
  d_model: 32,
  encoder_layers: 1,
  encoder_attention_heads: 4,
  decoder_layers: 1,
  decoder_attention_heads: 4,
  encoder_ffn_dim: 128,
  decoder_ffn_dim: 128,
  max_source_positions: 20,
  max_target_positions: 16,
};

export const unetGolden: UnetConfig = {
  in_channels: 4,
  out_channels: 4,
  block_out_channels: [4, 8],
  down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
  layers_per_block: 1,
  cross_attention_dim: 6,
  attention_head_dim: 2,
  norm_num_groups: 2,
};
