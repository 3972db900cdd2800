import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { expectCachedSame, expectOriginal } from '../../test/decoder-checks.js';
import { modelGolden } from '../../test/model-goldens.js';
import { parameterCount } from '../module.js';
import { type LlamaConfig, llama } from './llama.js';
import { rotaryFrequencies } from './rotary-frequencies.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const small: LlamaConfig = {
  vocab_size: 40,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
};

const cases: [string, string, LlamaConfig][] = [
  ['grouped queries', 'llama', small],
  [
    'a tied head, biases, and positions slowed as in Llama 3.1',
    'llama-scaled',
    {
      ...small,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      num_key_value_heads: 1,
      max_position_embeddings: 512,
      rope_theta: 50_000,
      rope_scaling: { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 256 },
      tie_word_embeddings: true,
      attention_bias: true,
    },
  ],
];

describe.each(cases)('%s', (_, file, config) => {
  const golden = modelGolden(file);
  test("transformers' logits, loss and gradients", () => expectOriginal(backend, llama(config), golden));
  test('the same logits with a cache', () => expectCachedSame(backend, llama(config), golden));
});

test('parameters of the published sizes, built without their values', () => {
  const sizes: [number, LlamaConfig][] = [
    [
      6_738_415_616,
      {
        ...small,
        vocab_size: 32_000,
        hidden_size: 4096,
        intermediate_size: 11_008,
        num_hidden_layers: 32,
        num_attention_heads: 32,
        num_key_value_heads: 32,
      },
    ], // Llama 2 7B
    [
      8_030_261_248,
      {
        ...small,
        vocab_size: 128_256,
        hidden_size: 4096,
        intermediate_size: 14_336,
        num_hidden_layers: 32,
        num_attention_heads: 32,
        num_key_value_heads: 8,
      },
    ], // Llama 3 8B
    [
      1_235_814_400,
      {
        ...small,
        vocab_size: 128_256,
        hidden_size: 2048,
        intermediate_size: 8192,
        num_hidden_layers: 16,
        num_attention_heads: 32,
        num_key_value_heads: 8,
        tie_word_embeddings: true,
      },
    ], // Llama 3.2 1B
    [
      1_100_048_384,
      {
        ...small,
        vocab_size: 32_000,
        hidden_size: 2048,
        intermediate_size: 5632,
        num_hidden_layers: 22,
        num_attention_heads: 32,
        num_key_value_heads: 4,
      },
    ], // TinyLlama
    [
      494_032_768,
      {
        ...small,
        model_type: 'qwen2',
        vocab_size: 151_936,
        hidden_size: 896,
        intermediate_size: 4864,
        num_hidden_layers: 24,
        num_attention_heads: 14,
        num_key_value_heads: 2,
        tie_word_embeddings: true,
      },
    ], // Qwen2 0.5B
    [
      7_241_732_096,
      {
        ...small,
        model_type: 'mistral',
        vocab_size: 32_000,
        hidden_size: 4096,
        intermediate_size: 14_336,
        num_hidden_layers: 32,
        num_attention_heads: 32,
        num_key_value_heads: 8,
      },
    ], // Mistral 7B
  ];
  for (const [count, config] of sizes) expect(parameterCount(llama(config))).toBe(count);
});

test('linear scaling slows all frequencies alike', () => {
  const plain = rotaryFrequencies(8, 10_000);
  expect([...plain].map((frequency) => frequency.toPrecision(4))).toEqual(['1.000', '0.1000', '0.01000', '0.001000']);
  expect(rotaryFrequencies(8, 10_000, { rope_type: 'linear', factor: 4 })).toEqual(plain.map((frequency) => frequency / 4));
});
