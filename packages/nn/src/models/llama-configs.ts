import type { LlamaConfig } from './llama.js';

const llama2 = (width: number, hidden: number, layers: number, heads: number, keyValueHeads = heads): LlamaConfig => ({
  vocab_size: 32_000,
  hidden_size: width,
  intermediate_size: hidden,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  num_key_value_heads: keyValueHeads,
  max_position_embeddings: 4096,
  rms_norm_eps: 1e-5,
});

const llama3 = (width: number, hidden: number, layers: number, heads: number, rest: Partial<LlamaConfig> = {}): LlamaConfig => ({
  ...llama2(width, hidden, layers, heads, 8),
  vocab_size: 128_256,
  max_position_embeddings: 8192,
  rope_theta: 500_000,
  ...rest,
});

/** Positions beyond those of the first training, from Llama 3.1 on. */
const stretched = (factor: number): Partial<LlamaConfig> => ({
  max_position_embeddings: 131_072,
  rope_scaling: { rope_type: 'llama3', factor, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 },
});

const qwen2 = (
  width: number,
  hidden: number,
  layers: number,
  heads: number,
  keyValueHeads: number,
  rest: Partial<LlamaConfig>,
): LlamaConfig => ({
  ...llama2(width, hidden, layers, heads, keyValueHeads),
  model_type: 'qwen2',
  vocab_size: 151_936,
  max_position_embeddings: 32_768,
  rms_norm_eps: 1e-6,
  rope_theta: 1_000_000,
  ...rest,
});

/** Published sizes of Llama (arXiv 2307.09288, 2407.21783), Mistral (arXiv 2310.06825) and Qwen2.5 (arXiv 2412.15115). */
export const llamaConfigs = {
  'llama-2-7b': llama2(4096, 11_008, 32, 32),
  'llama-2-13b': llama2(5120, 13_824, 40, 40),
  'llama-2-70b': llama2(8192, 28_672, 80, 64, 8),
  'llama-3-8b': llama3(4096, 14_336, 32, 32),
  'llama-3.1-8b': llama3(4096, 14_336, 32, 32, stretched(8)),
  'llama-3.2-1b': llama3(2048, 8192, 16, 32, { ...stretched(32), tie_word_embeddings: true }),
  'llama-3.2-3b': llama3(3072, 8192, 28, 24, { ...stretched(32), tie_word_embeddings: true }),
  'mistral-7b-v0.3': {
    ...llama2(4096, 14_336, 32, 32, 8),
    model_type: 'mistral',
    vocab_size: 32_768,
    max_position_embeddings: 32_768,
    rope_theta: 1_000_000,
  },
  'qwen2.5-0.5b': qwen2(896, 4864, 24, 14, 2, { tie_word_embeddings: true }),
  'qwen2.5-1.5b': qwen2(1536, 8960, 28, 12, 2, { max_position_embeddings: 131_072, tie_word_embeddings: true }),
  'qwen2.5-7b': qwen2(3584, 18_944, 28, 28, 4, { vocab_size: 152_064, max_position_embeddings: 131_072 }),
} as const satisfies Record<string, LlamaConfig>;
