import type { T5Config } from './t5.js';

const first = (d_model: number, d_ff: number, heads: number, layers: number, d_kv = 64): T5Config => ({
  vocab_size: 32_128,
  d_model,
  d_kv,
  d_ff,
  num_heads: heads,
  num_layers: layers,
});

/** Gated, and with an output of its own. */
const flan = (d_model: number, d_ff: number, heads: number, layers: number): T5Config => ({
  ...first(d_model, d_ff, heads, layers),
  feed_forward_proj: 'gated-gelu',
  tie_word_embeddings: false,
});

/** The published sizes of T5 (arXiv 1910.10683) and Flan-T5 (arXiv 2210.11416), whose shapes are those of T5's version 1.1. */
export const t5Configs = {
  't5-small': first(512, 2048, 8, 6),
  't5-base': first(768, 3072, 12, 12),
  't5-large': first(1024, 4096, 16, 24),
  't5-3b': first(1024, 16_384, 32, 24, 128),
  't5-11b': first(1024, 65_536, 128, 24, 128),
  'flan-t5-small': flan(512, 1024, 6, 8),
  'flan-t5-base': flan(768, 2048, 12, 12),
  'flan-t5-large': flan(1024, 2816, 16, 24),
  'flan-t5-xl': flan(2048, 5120, 32, 24),
  'flan-t5-xxl': flan(4096, 10_240, 64, 24),
} as const;
