import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import { initialize } from '../initialize.js';
import { loadWeights } from '../load-weights.js';
import type { Module } from '../module.js';
import { readCheckpoint } from '../node/index.js';
import { serializeSafetensors } from '../safetensors.js';
import { gpt2 } from './gpt2.js';
import { llama } from './llama.js';
import { t5 } from './t5.js';
import { vit } from './vit.js';
import { whisper } from './whisper.js';

const floats = (...dims: number[]): TensorLike => ({
  type: 'float32',
  dims,
  data: new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(2),
});
const mask: TensorLike = { type: 'bool', dims: [1, 1, 8, 8], data: Uint8Array.from({ length: 64 }, (_, i) => Number(i % 8 <= i >> 3)) };

const gpt = gpt2({ vocab_size: 20, n_positions: 8, n_embd: 8, n_layer: 2, n_head: 2 });
const llamaOf = (model_type: 'llama' | 'mistral' | 'qwen2', tie_word_embeddings: boolean) =>
  llama({
    ...{ model_type, tie_word_embeddings, vocab_size: 20, hidden_size: 8, intermediate_size: 12, num_hidden_layers: 2 },
    ...{ num_attention_heads: 2, num_key_value_heads: 1, max_position_embeddings: 16 },
  });
const t5Of = (tie_word_embeddings: boolean) =>
  t5({ vocab_size: 20, d_model: 8, d_kv: 4, d_ff: 12, num_heads: 2, num_layers: 2, tie_word_embeddings });
const vitSizes = { image_size: 8, patch_size: 4, hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 12 };
const whisperModel = whisper({
  ...{ vocab_size: 20, num_mel_bins: 4, d_model: 8, max_source_positions: 6, max_target_positions: 6 },
  ...{
    encoder_layers: 1,
    encoder_attention_heads: 2,
    encoder_ffn_dim: 12,
    decoder_layers: 1,
    decoder_attention_heads: 2,
    decoder_ffn_dim: 12,
  },
});

const before = (prefix: string) => (name: string) => prefix + name;
const without = (prefix: string) => (name: string) => name.slice(name.startsWith(prefix) ? prefix.length : 0);
const same = (name: string) => name;

interface Layout {
  /** A name of ours as the file has it. */
  readonly named: (name: string) => string;
  /** What the file holds besides: a tensor, or the name of ours whose values it repeats. */
  readonly besides: Readonly<Record<string, TensorLike | string>>;
  /** What the file has not under our name. */
  readonly lacks?: readonly string[];
}

const masks = (prefix: string) =>
  Object.fromEntries([0, 1].flatMap((i) => [[`${prefix}h.${i}.attn.bias`, mask] as const, [`${prefix}h.${i}.attn.masked_bias`, floats()]]));
const frequencies = Object.fromEntries([0, 1].map((i) => [`model.layers.${i}.self_attn.rotary_emb.inv_freq`, floats(2)]));
const crossBias = { 'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight': floats(32, 2) };
const t5Tables = { 'encoder.embed_tokens.weight': 'shared.weight', 'decoder.embed_tokens.weight': 'shared.weight' };

const layouts: readonly (readonly [string, Module, Layout])[] = [
  ['GPT-2, its causal masks beside it', gpt, { named: same, besides: masks('') }],
  ['GPT-2 with its head', gpt, { named: before('transformer.'), besides: { ...masks('transformer.'), 'lm_head.weight': 'wte.weight' } }],
  [
    'GPT-2, its table under the name of the head alone',
    gpt,
    { named: same, besides: { 'lm_head.weight': 'wte.weight' }, lacks: ['wte.weight'] },
  ],
  ['Llama with frequencies', llamaOf('llama', false), { named: same, besides: frequencies }],
  ['Llama with a tied head', llamaOf('llama', true), { named: same, besides: { 'lm_head.weight': 'model.embed_tokens.weight' } }],
  ['Llama without a head', llamaOf('llama', true), { named: without('model.'), besides: {} }],
  ['Mistral', llamaOf('mistral', false), { named: same, besides: frequencies }],
  ['Qwen2', llamaOf('qwen2', true), { named: same, besides: { 'lm_head.weight': 'model.embed_tokens.weight' } }],
  ['T5 1.0', t5Of(true), { named: same, besides: { ...t5Tables, ...crossBias, 'lm_head.weight': 'shared.weight' } }],
  ['T5 1.1', t5Of(false), { named: same, besides: t5Tables }],
  [
    'T5, its table in the decoder alone',
    t5Of(true),
    { named: same, besides: { 'decoder.embed_tokens.weight': 'shared.weight' }, lacks: ['shared.weight'] },
  ],
  ['ViT with a classifier', vit({ ...vitSizes, num_labels: 3 }), { named: same, besides: {} }],
  ['ViT without', vit({ ...vitSizes, num_labels: 0 }), { named: without('vit.'), besides: {} }],
  ['Whisper', whisperModel, { named: same, besides: { 'proj_out.weight': 'model.decoder.embed_tokens.weight' } }],
  ['Whisper without its head', whisperModel, { named: without('model.'), besides: {} }],
];

function fileOf(model: Module, { named, besides, lacks = [] }: Layout): Map<string, TensorLike> {
  const own = initialize(model, 1);
  const others = Object.entries(besides).map(([name, what]) => [name, typeof what === 'string' ? own.get(what)! : what] as const);
  return new Map<string, TensorLike>([
    ...others,
    ...[...own].filter(([name]) => !lacks.includes(name)).map(([name, tensor]) => [named(name), tensor] as const),
  ]);
}

const refusal = (code: string, says: string) => expect.objectContaining({ code, message: expect.stringContaining(says) });

describe('files as published load by their names', () => {
  test.each(layouts)('%s', async (_, model, layout) => {
    const folder = await mkdtemp(join(tmpdir(), 'polymodal-published-'));
    try {
      await writeFile(join(folder, 'model.safetensors'), serializeSafetensors(fileOf(model, layout)));
      const { tensors } = await readCheckpoint(folder);
      const { weights, ...report } = loadWeights(model, tensors);
      expect(weights).toEqual(initialize(model, 1));
      expect(report).toEqual({ missing: [], unexpected: [], misshapen: [] });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each(
    layouts.flatMap(([title, model, { besides, ...layout }]) =>
      Object.entries(besides).flatMap(([name, what]) =>
        typeof what === 'string' && layout.lacks === undefined
          ? [[title, name, model, { ...layout, besides: { ...besides, [name]: floats(20, 8) } }] as const]
          : [],
      ),
    ),
  )('%s: %s of other values is refused', (_, name, model, layout) => {
    const file = fileOf(model, layout);
    expect(() => loadWeights(model, file)).toThrow(refusal('CHECKPOINT_UNEXPECTED', `hold "${name}"`));
    const { weights, unexpected } = loadWeights(model, file, { strict: false });
    expect(unexpected).toEqual([name]);
    expect(weights).toEqual(initialize(model, 1));
  });

  test('what only another module ignores is refused', () => {
    for (const name of ['attn.bias', 'h.0.bias', 'h.0.mlp.bias', 'h.2.attn.bias', 'h.0.attn.rotary_emb.inv_freq'])
      expect(() => loadWeights(gpt, fileOf(gpt, { named: same, besides: { [name]: mask } }))).toThrow(
        refusal('CHECKPOINT_UNEXPECTED', name),
      );
    const besides = { 'decoder.block.1.layer.1.EncDecAttention.relative_attention_bias.weight': floats(32, 2) };
    expect(() => loadWeights(t5Of(true), fileOf(t5Of(true), { named: same, besides }))).toThrow(
      refusal('CHECKPOINT_UNEXPECTED', 'block.1'),
    );
  });

  test('a head that is not tied is no other name of the table', () => {
    for (const model of [llamaOf('llama', false), t5Of(false)])
      expect(() => loadWeights(model, fileOf(model, { named: same, besides: {}, lacks: ['lm_head.weight'] }))).toThrow(
        refusal('CHECKPOINT_MISSING', 'lm_head.weight'),
      );
  });

  test('names are known where a model is a part of another, and with a prefix or without it', () => {
    const model = { tree: { text: gpt } };
    const file = fileOf(model, { named: (name) => name.replace('text.', 'text.transformer.'), besides: { 'text.h.0.attn.bias': mask } });
    expect(loadWeights(model, file).weights).toEqual(initialize(model, 1));
    const both = fileOf(gpt, { named: same, besides: { 'transformer.wte.weight': floats(20, 8) } });
    expect(() => loadWeights(gpt, both)).toThrow(refusal('CHECKPOINT_UNEXPECTED', 'transformer.wte.weight'));
  });
});
