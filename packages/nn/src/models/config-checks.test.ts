import { expect, test } from '@jest/globals';
import { ops } from '@polymodal/autograd';
import type { ActivationName } from '../layers.js';
import type { Module } from '../module.js';
import { perceiverBlock, transformerBlock } from '../transformer.js';
import { autoencoderKl } from './autoencoder-kl.js';
import { gpt2 } from './gpt2.js';
import { llama } from './llama.js';
import { resnet } from './resnet.js';
import { t5 } from './t5.js';
import { transformerDecoder, transformerEncoder, transformerEncoderDecoder } from './transformer-stacks.js';
import { unet } from './unet.js';
import { vit } from './vit.js';
import { whisper } from './whisper.js';

const small = {
  gpt2: { vocab_size: 20, n_positions: 6, n_embd: 8, n_layer: 1, n_head: 2 },
  llama: {
    ...{ vocab_size: 20, hidden_size: 8, intermediate_size: 8, num_hidden_layers: 1, num_attention_heads: 2 },
    max_position_embeddings: 6,
  },
  t5: { vocab_size: 20, d_model: 8, d_kv: 4, d_ff: 8, num_heads: 2, num_layers: 1 },
  vit: {
    ...{ image_size: 16, patch_size: 8, hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 8 },
    num_labels: 3,
  },
  whisper: {
    ...{ vocab_size: 20, num_mel_bins: 4, d_model: 8, encoder_layers: 1, encoder_attention_heads: 2, decoder_layers: 1 },
    ...{ decoder_attention_heads: 2, encoder_ffn_dim: 8, decoder_ffn_dim: 8, max_source_positions: 5, max_target_positions: 6 },
  },
};
const ofLists = {
  resnet: { block: 'basic', layers: [1, 1], num_labels: 3 },
  unet: {
    ...{ in_channels: 1, out_channels: 1, block_out_channels: [32, 64] },
    ...{ down_block_types: ['DownBlock2D', 'DownBlock2D'], up_block_types: ['UpBlock2D', 'UpBlock2D'] },
  },
  autoencoderKl: { in_channels: 1, out_channels: 1, latent_channels: 2, block_out_channels: [32, 64] },
  transformerEncoder: { width: 8, heads: 2, layers: 1 },
  transformerDecoder: { width: 8, heads: 2, layers: 1, vocabulary: 20, context: 6 },
  transformerEncoderDecoder: { width: 8, heads: 2, layers: 1, vocabulary: 20, context: 6 },
};
const buildOfLists = {
  ...{ resnet, unet, autoencoderKl },
  ...{ transformerEncoder, transformerDecoder, transformerEncoderDecoder },
} as unknown as Readonly<Record<keyof typeof ofLists, (config: object) => Module>>;
const build = { gpt2, llama, t5, vit, whisper } as unknown as Readonly<Record<keyof typeof small, (config: object) => Module>>;

const refusal = (code: string, message: string) => expect.objectContaining({ code, message: expect.stringContaining(message) });

test.each(Object.entries(small))('%s needs each of its fields, by name', (model, config) => {
  const make = build[model as keyof typeof small];
  for (const field of Object.keys(config)) {
    for (const value of [undefined, -1, 2.5, '8', null])
      expect(() => make({ ...config, [field]: value })).toThrow(refusal('NN_CONFIG', `${model}: ${field} is `));
  }
  expect(() => make({})).toThrow(refusal('NN_CONFIG', 'is missing'));
});

test.each(Object.entries(ofLists))('%s needs each of its fields, lists too, by name', (model, config) => {
  const make = buildOfLists[model as keyof typeof ofLists];
  expect(() => make(config)).not.toThrow();
  for (const [field, given] of Object.entries(config)) {
    const others = Array.isArray(given) ? [2, [], [2.5], [-1], ['8']] : [[], 'foo'];
    for (const value of [undefined, -1, 2.5, null, ...others])
      expect(() => make({ ...config, [field]: value })).toThrow(refusal('NN_CONFIG', `${model}: ${field} `));
  }
  expect(() => make({})).toThrow(refusal('NN_CONFIG', 'is missing'));
});

test.each<[keyof typeof ofLists, object, string]>([
  ['resnet', { width: 0 }, 'width is 0'],
  ['resnet', { num_channels: 1.5 }, 'num_channels is 1.5'],
  ['unet', { layers_per_block: 0 }, 'layers_per_block is 0'],
  ['unet', { layers_per_block: [1, 1.5] }, 'layers_per_block is [1,1.5]'],
  ['unet', { cross_attention_dim: '6' }, 'cross_attention_dim is "6"'],
  ['unet', { attention_head_dim: -1 }, 'attention_head_dim is -1'],
  ['unet', { transformer_layers_per_block: [2, 0] }, 'transformer_layers_per_block is [2,0]'],
  ['unet', { num_class_embeds: '10' }, 'num_class_embeds is "10"'],
  ['autoencoderKl', { layers_per_block: 0 }, 'layers_per_block is 0'],
  ['autoencoderKl', { norm_num_groups: null }, 'norm_num_groups is null'],
  ['transformerDecoder', { hidden: 0 }, 'hidden is 0'],
  ['transformerEncoderDecoder', { encoderLayers: -1 }, 'encoderLayers is -1'],
])('%s refuses optional fields that are no sizes: %j', (model, rest, message) => {
  expect(() => buildOfLists[model]({ ...ofLists[model], ...rest })).toThrow(refusal('NN_CONFIG', message));
});

test.each<[keyof typeof small, object, string]>([
  ['gpt2', { model_type: 'gpt_bigcode' }, 'model_type is "gpt_bigcode"'],
  ['gpt2', { scale_attn_by_inverse_layer_idx: true }, 'scale_attn_by_inverse_layer_idx is true'],
  ['gpt2', { scale_attn_weights: false }, 'scale_attn_weights is false'],
  ['gpt2', { tie_word_embeddings: false }, 'tie_word_embeddings is false'],
  ['gpt2', { activation_function: 'constructor' }, 'no activation "constructor"'],
  ['llama', { hidden_act: 'foo' }, 'no activation "foo"'],
  ['t5', { model_type: 'umt5' }, 'model_type is "umt5"'],
  ['t5', { feed_forward_proj: 'foo' }, 'no activation "foo"'],
  ['t5', { feed_forward_proj: 'gated-foo' }, 'no activation "foo"'],
  ['vit', { model_type: 'deit' }, 'model_type is "deit"'],
  ['vit', { qkv_bias: false }, 'qkv_bias is false'],
  ['vit', { hidden_act: 'foo' }, 'no activation "foo"'],
  ['whisper', { scale_embedding: true }, 'scale_embedding is true'],
  ['whisper', { activation_function: 'foo' }, 'no activation "foo"'],
])('%s refuses what it does not build: %j', (model, rest, message) => {
  expect(() => build[model]({ ...small[model], ...rest })).toThrow(refusal('NN_CONFIG', message));
});

test('widths that do not divide into the heads are refused', () => {
  for (const [model, field] of [
    ['gpt2', 'n_head'],
    ['llama', 'num_attention_heads'],
    ['vit', 'num_attention_heads'],
    ['whisper', 'encoder_attention_heads'],
    ['whisper', 'decoder_attention_heads'],
  ] as const)
    expect(() => build[model]({ ...small[model], [field]: 3 })).toThrow(refusal('NN_HEADS', 'width 8'));
});

test('blocks and stacks of your own know the same activations', () => {
  const options = { width: 8, heads: 2, layers: 1, activation: 'foo' as ActivationName };
  for (const make of [transformerBlock, perceiverBlock, transformerEncoder])
    expect(() => make(options)).toThrow(refusal('NN_CONFIG', '"foo"'));
});

test('more ids than positions, longer sounds and pictures of another size are refused', () => {
  const ids = (length: number) => ops.input('ids', 'int64', [1, length]);
  const sound = (frames: number) => ops.input('mel', 'float32', [1, 4, frames]);
  const picture = (size: number) => ops.input('pixels', 'float32', [1, 3, size, size]);
  const stack = transformerDecoder({ width: 8, heads: 2, layers: 1, vocabulary: 20, context: 6 });
  const [language, speech, vision] = [gpt2(small.gpt2), whisper(small.whisper), vit(small.vit)];
  for (const model of [language, stack]) {
    expect(model(ids(6)).dims).toEqual([1, 6, 20]);
    expect(() => model(ids(7))).toThrow(refusal('NN_INPUT', '7 ids, but there are 6 positions'));
    expect(() => model(ops.input('ids', 'int64', [6]))).toThrow(refusal('NN_INPUT', 'ids are [6]'));
  }
  expect(speech(sound(10), ids(6)).dims).toEqual([1, 6, 20]);
  expect(() => speech(sound(10), ids(7))).toThrow(refusal('NN_INPUT', 'whisper: 7 ids'));
  expect(() => speech(sound(12), ids(6))).toThrow(refusal('NN_INPUT', 'whisper: 12 frames, but at most 10'));
  expect(vision(picture(16)).dims).toEqual([1, 3]);
  expect(() => vision(picture(24))).toThrow(refusal('NN_INPUT', 'vit: pictures are [24, 24] pixels, not [16, 16]'));
});
