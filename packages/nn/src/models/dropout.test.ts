import { afterAll, describe, expect, test } from '@jest/globals';
import { type Expr, onnxBackend, ops } from '@polymodal/autograd';
import { elementCount, type TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { exportOnnx } from '../export-onnx.js';
import { initialize } from '../initialize.js';
import { linear } from '../layers.js';
import { lora } from '../lora.js';
import type { Module } from '../module.js';
import { sgd } from '../optimizer.js';
import { compileTrainingStep } from '../training-step.js';
import { perceiverBlock, transformerBlock } from '../transformer.js';
import { gpt2 } from './gpt2.js';
import { llama } from './llama.js';
import { t5 } from './t5.js';
import { transformerEncoder, transformerEncoderDecoder } from './transformer-stacks.js';
import { unet } from './unet.js';
import { vit } from './vit.js';
import { whisper } from './whisper.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

type Inputs = Readonly<Record<string, TensorLike>>;
interface Built {
  readonly model: Module;
  readonly inputs: Inputs;
  readonly forward: (fed: Readonly<Record<string, Expr>>) => Expr;
}

/** The shapes of what a training graph drops, each with the number of streams that draw it. */
async function dropped({ model, inputs, forward }: Built): Promise<Record<string, number>> {
  const built: Expr[] = [];
  const loss = (fed: Readonly<Record<string, Expr>>) => {
    built.push(forward(fed));
    return ops.mean(built[0]!);
  };
  const step = await compileTrainingStep(model, {
    backend,
    batch: inputs,
    loss,
    optimizer: sgd({ learningRate: 0.1 }),
    weights: initialize(model, 1),
  });
  expect((await step.run(inputs, 0, 1)).loss).toEqual(expect.any(Number));
  await step.release();
  expect(built).toHaveLength(1);
  const streams = new Map<string, Set<number>>();
  const seen = new Set<Expr>();
  const visit = (node: Expr): void => {
    if (seen.has(node)) return;
    seen.add(node);
    node.inputs.forEach(visit);
    if (node.op.name !== 'less') return;
    let draw = node.inputs[0]!;
    while (draw.op.name === 'reshape' || draw.op.name === 'slice') draw = draw.inputs[0]!;
    if (draw.op.name !== 'randomUniform') return;
    const shape = node.dims.join(' × ');
    streams.set(shape, (streams.get(shape) ?? new Set()).add((draw.attributes as { readonly stream: number }).stream));
  };
  visit(built[0]!);
  return Object.fromEntries([...streams].map(([shape, { size }]) => [shape, size]));
}

const ids = (length: number): TensorLike => ({ type: 'int64', dims: [2, length], data: new BigInt64Array(2 * length).fill(1n) });
const vectors = (...dims: number[]): TensorLike => ({
  type: 'float32',
  dims: [2, ...dims],
  data: new Float32Array(2 * elementCount(dims)),
});

const gptOf = (rate?: number): Built => {
  const rates = rate === undefined ? {} : { embd_pdrop: rate, attn_pdrop: rate, resid_pdrop: rate };
  const model = gpt2({ vocab_size: 10, n_positions: 8, n_embd: 12, n_layer: 2, n_head: 3, ...rates });
  return { model, inputs: { ids: ids(6) }, forward: (fed) => model(fed.ids!) };
};
const llamaOf = (attention_dropout?: number): Built => {
  const sizes = {
    vocab_size: 10,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
  };
  const model = llama({ ...sizes, max_position_embeddings: 8, ...(attention_dropout !== undefined && { attention_dropout }) });
  return { model, inputs: { ids: ids(6) }, forward: (fed) => model(fed.ids!) };
};
const t5Of = (dropout_rate?: number): Built => {
  const sizes = { vocab_size: 10, d_model: 16, d_kv: 6, d_ff: 20, num_heads: 2, num_layers: 2, relative_attention_num_buckets: 8 };
  const model = t5({ ...sizes, ...(dropout_rate !== undefined && { dropout_rate }) });
  return { model, inputs: { source: ids(7), mask: ids(7), ids: ids(5) }, forward: ({ source, mask, ids }) => model(source!, mask!, ids!) };
};
const vitOf = (rate?: number): Built => {
  const rates = rate === undefined ? {} : { hidden_dropout_prob: rate, attention_probs_dropout_prob: rate };
  const sizes = { image_size: 16, patch_size: 8, hidden_size: 12, num_hidden_layers: 2, num_attention_heads: 3, intermediate_size: 20 };
  const model = vit({ ...sizes, num_labels: 5, ...rates });
  return { model, inputs: { x: vectors(3, 16, 16) }, forward: ({ x }) => model(x!) };
};
const whisperOf = (rate?: number): Built => {
  const rates = rate === undefined ? {} : { dropout: rate, attention_dropout: rate, activation_dropout: rate };
  const heads = { encoder_attention_heads: 2, decoder_attention_heads: 2, encoder_ffn_dim: 20, decoder_ffn_dim: 24 };
  const layers = { encoder_layers: 1, decoder_layers: 2, max_source_positions: 10, max_target_positions: 8 };
  const model = whisper({ vocab_size: 10, num_mel_bins: 4, d_model: 16, ...heads, ...layers, ...rates });
  return { model, inputs: { mel: vectors(4, 20), ids: ids(6) }, forward: ({ mel, ids }) => model(mel!, ids!) };
};
const blockOf = (rate?: number): Built => {
  const model = transformerBlock({ width: 8, heads: 2, ...(rate !== undefined && { dropout: rate }) });
  return { model, inputs: { x: vectors(5, 8) }, forward: ({ x }) => model(x!) };
};
const perceiverOf = (rate?: number): Built => {
  const model = perceiverBlock({ width: 8, heads: 2, inputWidth: 6, ...(rate !== undefined && { dropout: rate }) });
  return { model, inputs: { latents: vectors(3, 8), x: vectors(5, 6) }, forward: ({ latents, x }) => model(latents!, x!) };
};
const loraOf = (rate?: number): Built => {
  const model = lora(linear(8, 6), { rank: 2, ...(rate !== undefined && { dropout: rate }) });
  return { model, inputs: { x: vectors(5, 8) }, forward: ({ x }) => model(x!) };
};
const encoderOf = (rate?: number): Built => {
  const model = transformerEncoder({ width: 8, heads: 2, layers: 2, hidden: 12, ...(rate !== undefined && { dropout: rate }) });
  return { model, inputs: { x: vectors(5, 8) }, forward: ({ x }) => model(x!) };
};
const encoderDecoderOf = (rate?: number): Built => {
  const sizes = { width: 8, heads: 2, layers: 2, encoderLayers: 1, hidden: 12, vocabulary: 10, context: 9 };
  const model = transformerEncoderDecoder({ ...sizes, ...(rate !== undefined && { dropout: rate }) });
  return { model, inputs: { source: ids(7), mask: ids(7), ids: ids(5) }, forward: ({ source, mask, ids }) => model(source!, mask!, ids!) };
};

const unetOf = (rate?: number): Built => {
  const types = { down_block_types: ['DownBlock2D', 'DownBlock2D'], up_block_types: ['UpBlock2D', 'UpBlock2D'] };
  const sizes = { in_channels: 1, out_channels: 1, block_out_channels: [4, 8], layers_per_block: 1, norm_num_groups: 2 };
  const model = unet({ ...types, ...sizes, ...(rate !== undefined && { dropout: rate }) });
  const inputs = { sample: vectors(1, 4, 4), time: vectors() };
  return { model, inputs, forward: ({ sample, time }) => model(sample!, time!) };
};

// By default as the original's configuration does; the places as its code has them.
describe.each([
  ['GPT-2', gptOf, true, { '2 × 6 × 12': 1 + 2 * 2, '2 × 3 × 6 × 6': 2 }],
  ['Llama', llamaOf, false, { '2 × 2 × 2 × 6 × 6': 2 }],
  [
    'T5',
    t5Of,
    true,
    {
      // Encoder and decoder: what goes in, what comes out, and what each part of a block adds.
      '2 × 7 × 16': 2 + 2 * 2,
      '2 × 5 × 16': 2 + 2 * 3,
      '2 × 2 × 7 × 7': 2,
      '2 × 2 × 5 × 5': 2,
      '2 × 2 × 5 × 7': 2,
      '2 × 7 × 20': 2,
      '2 × 5 × 20': 2,
    },
  ],
  ['ViT', vitOf, false, { '2 × 5 × 12': 1 + 2 * 2, '2 × 3 × 5 × 5': 2 }],
  [
    'Whisper',
    whisperOf,
    false,
    {
      '2 × 10 × 16': 1 + 2,
      '2 × 6 × 16': 1 + 2 * 3,
      '2 × 2 × 10 × 10': 1,
      '2 × 2 × 6 × 6': 2,
      '2 × 2 × 6 × 10': 2,
      '2 × 10 × 20': 1,
      '2 × 6 × 24': 2,
    },
  ],
  // Residual blocks going down, in the middle and going up.
  ['UNet', unetOf, false, { '2 × 4 × 4 × 4': 1 + 2, '2 × 8 × 2 × 2': 1 + 2 + 2 }],
  ['a transformer block', blockOf, false, { '2 × 5 × 8': 2, '2 × 2 × 5 × 5': 1, '2 × 5 × 32': 1 }],
  ['a Perceiver block', perceiverOf, false, { '2 × 3 × 8': 2, '2 × 2 × 3 × 5': 1, '2 × 3 × 32': 1 }],
  ['a low-rank adapter', loraOf, false, { '2 × 5 × 8': 1 }],
  ['nn.TransformerEncoder', encoderOf, true, { '2 × 5 × 8': 2 * 2, '2 × 2 × 5 × 5': 2, '2 × 5 × 12': 2 }],
  [
    'nn.Transformer, and its embeddings',
    encoderDecoderOf,
    true,
    {
      '2 × 7 × 8': 1 + 2,
      '2 × 5 × 8': 1 + 2 * 3,
      '2 × 2 × 7 × 7': 1,
      '2 × 2 × 5 × 5': 2,
      '2 × 2 × 5 × 7': 2,
      '2 × 7 × 12': 1,
      '2 × 5 × 12': 2,
    },
  ],
] as const)('%s', (_, build, byDefault, places) => {
  test('drops in training where the original does, at every place by a stream of its own', async () => {
    expect(await dropped(build(0.25))).toEqual(places);
    expect(await dropped(build())).toEqual(byDefault ? places : {});
    expect(await dropped(build(0))).toEqual({});
  });

  test('is the same file without dropout', () => {
    const file = (built: Built) => exportOnnx(built.model, { ...built, weights: initialize(built.model, 1) });
    expect(Buffer.from(file(build(0.25))).equals(Buffer.from(file(build(0))))).toBe(true);
  });
});
