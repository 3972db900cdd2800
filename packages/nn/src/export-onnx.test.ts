import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createRandom, type Dims, type Expr, evaluate, type OrtModule, ops } from '@polymodal/autograd';
import type { DType, TensorLike } from '@polymodal/modality-registry';
import { pythonWithOnnx, refusedByOnnx } from '../../../scripts/python-onnx.js';
import { dequantizeWeights } from '../test/dequantize.js';
import { runtimes } from '../test/export-runtimes.js';
import { unetGolden } from '../test/golden-configs.js';
import { expectClose } from '../test/goldens.js';
import { convolution, groupNorm } from './convolution.js';
import { exportOnnx } from './export-onnx.js';
import { initialize } from './initialize.js';
import { gelu, layerNorm, linear, sequential } from './layers.js';
import { autoencoderKl } from './models/autoencoder-kl.js';
import { gpt2 } from './models/gpt2.js';
import { llama } from './models/llama.js';
import { residualBlock } from './models/residual-block.js';
import { resnet } from './models/resnet.js';
import { t5 } from './models/t5.js';
import { transformerEncoder, transformerEncoderDecoder } from './models/transformer-stacks.js';
import { unet } from './models/unet.js';
import { vit } from './models/vit.js';
import { whisper } from './models/whisper.js';
import { type Module, namedParameters, parameterCount, type Weights } from './module.js';
import { quantizeWeights } from './quantize.js';
import { transformerBlock } from './transformer.js';

type OrtSession = Awaited<ReturnType<OrtModule['InferenceSession']['create']>>;

interface Exported {
  readonly name: string;
  readonly model: Module;
  readonly inputs: Readonly<Record<string, { readonly type: DType; readonly dims: Dims }>>;
  readonly forward: (inputs: Readonly<Record<string, Expr>>) => Expr;
  /** What named dimensions are, in two runs of one session. */
  readonly sizes: readonly Readonly<Record<string, number>>[];
}

const image = (channels: number, ...size: readonly [number | string, number | string]) =>
  ({ type: 'float32', dims: ['batch', channels, ...size] }) as const;
const ids = (length: number | string) => ({ type: 'int64', dims: ['batch', length] }) as const;
const batches = [{ batch: 1 }, { batch: 3 }];
const batchesAndLengths = [
  { batch: 1, length: 4 },
  { batch: 2, length: 7 },
];

const mlp = sequential(linear(6, 8), gelu(), layerNorm(8), linear(8, 3));
const block = transformerBlock({ width: 8, heads: 2 });
const stem = sequential(
  convolution(3, 4, { kernel: [3, 3], stride: 2, padding: 1 }),
  groupNorm(4, 2),
  gelu(),
  convolution(4, 6, { kernel: [3, 3], padding: 1 }),
);
const residual = residualBlock({ inputs: 4, outputs: 6, groups: 2, timeWidth: 5 });
const gpt = gpt2({ vocab_size: 10, n_positions: 16, n_embd: 12, n_layer: 2, n_head: 3 });
const grouped = llama({
  vocab_size: 10,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 32,
});
const translator = t5({ vocab_size: 10, d_model: 16, d_kv: 6, d_ff: 20, num_heads: 2, num_layers: 2, relative_attention_num_buckets: 8 });
const viewer = vit({
  image_size: 16,
  patch_size: 8,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 32,
  num_labels: 5,
});
const listener = whisper({
  vocab_size: 10,
  num_mel_bins: 4,
  d_model: 16,
  encoder_layers: 1,
  encoder_attention_heads: 2,
  decoder_layers: 1,
  decoder_attention_heads: 2,
  encoder_ffn_dim: 32,
  decoder_ffn_dim: 32,
  max_source_positions: 10,
  max_target_positions: 8,
});
const encoder = transformerEncoder({ width: 8, heads: 2, layers: 2 });
const rewriter = transformerEncoderDecoder({ width: 8, heads: 2, layers: 2, vocabulary: 10, context: 12, normFirst: true });

const classifier = resnet({ block: 'bottleneck', layers: [1, 2], width: 2, num_labels: 5 });
const denoiser = unet(unetGolden);
const autoencoder = autoencoderKl({ in_channels: 3, out_channels: 3, latent_channels: 2, block_out_channels: [4, 8], norm_num_groups: 2 });

const models: readonly Exported[] = [
  {
    name: 'MLP',
    model: mlp,
    inputs: { x: { type: 'float32', dims: ['batch', 'length', 6] } },
    forward: ({ x }) => mlp(x!),
    sizes: batchesAndLengths,
  },
  {
    name: 'transformer block',
    model: block,
    inputs: { x: { type: 'float32', dims: ['batch', 'length', 8] } },
    forward: ({ x }) => block(x!),
    sizes: batchesAndLengths,
  },
  { name: 'convolutions', model: stem, inputs: { x: image(3, 8, 8) }, forward: ({ x }) => stem(x!), sizes: batches },
  {
    name: 'residual block',
    model: residual,
    inputs: { x: image(4, 6, 6), time: { type: 'float32', dims: ['batch', 5] } },
    forward: ({ x, time }) => residual(x!, time!),
    sizes: batches,
  },
  { name: 'GPT-2', model: gpt, inputs: { ids: ids(6) }, forward: ({ ids }) => gpt(ids!), sizes: batches },
  { name: 'Llama', model: grouped, inputs: { ids: ids(6) }, forward: ({ ids }) => grouped(ids!), sizes: batches },
  {
    name: 'T5',
    model: translator,
    inputs: { source: ids('source'), mask: ids('source'), ids: ids(5) },
    forward: ({ source, mask, ids }) => translator(source!, mask!, ids!),
    sizes: [
      { batch: 1, source: 4 },
      { batch: 2, source: 9 },
    ],
  },
  { name: 'ViT', model: viewer, inputs: { pixels: image(3, 16, 16) }, forward: ({ pixels }) => viewer(pixels!), sizes: batches },
  {
    name: 'Whisper',
    model: listener,
    inputs: { mel: { type: 'float32', dims: ['batch', 4, 20] }, ids: ids(5) },
    forward: ({ mel, ids }) => listener(mel!, ids!),
    sizes: batches,
  },
  { name: 'ResNet', model: classifier, inputs: { pixels: image(3, 17, 12) }, forward: ({ pixels }) => classifier(pixels!), sizes: batches },
  {
    name: 'UNet',
    model: denoiser,
    inputs: {
      sample: image(4, 5, 4),
      time: { type: 'int64', dims: ['batch'] },
      context: { type: 'float32', dims: ['batch', 'length', 6] },
    },
    forward: ({ sample, time, context }) => denoiser(sample!, time!, { context: context! }),
    sizes: batchesAndLengths,
  },
  {
    name: 'autoencoder of latent diffusion',
    model: autoencoder,
    inputs: { pixels: image(3, 4, 6) },
    forward: ({ pixels }) => autoencoder(pixels!),
    sizes: batches,
  },
  {
    name: 'nn.TransformerEncoder',
    model: encoder,
    inputs: { x: { type: 'float32', dims: ['batch', 'length', 8] } },
    forward: ({ x }) => encoder(x!),
    sizes: batchesAndLengths,
  },
  {
    name: 'nn.Transformer',
    model: rewriter,
    inputs: { source: ids('source'), mask: ids('source'), ids: ids(5) },
    forward: ({ source, mask, ids }) => rewriter(source!, mask!, ids!),
    sizes: [
      { batch: 1, source: 4 },
      { batch: 2, source: 9 },
    ],
  },
];

/** Inputs of each named size: normal numbers, ids below 10, and masks that hide the last place of the last row. */
function sample({ inputs }: Exported, sizes: Readonly<Record<string, number>>): Record<string, TensorLike> {
  const random = createRandom(5);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { type, dims: named }]): [string, TensorLike] => {
      const dims = named.map((dim) => (typeof dim === 'number' ? dim : sizes[dim]!));
      const length = dims.reduce((n, dim) => n * dim, 1);
      if (type === 'float32') return [name, { type, dims, data: Float32Array.from({ length }, () => random.normal()) }];
      const number = (i: number) => (name !== 'mask' ? random.integer(10) : i < length - 1 ? 1 : 0);
      return [name, { type: 'int64', dims, data: BigInt64Array.from({ length }, (_, i) => BigInt(number(i))) }];
    }),
  );
}

/** First weights, moved: what starts at zero or one must be seen too. */
function someWeights(model: Module): Weights {
  const random = createRandom(6);
  const moved = (data: Float32Array) => data.map((x) => x + 0.1 * random.normal());
  return new Map([...initialize(model, 4)].map(([name, tensor]) => [name, { ...tensor, data: moved(tensor.data) }]));
}

/** What the model says in float64. */
function expected({ model, inputs, forward }: Exported, weights: Weights, feeds: Readonly<Record<string, TensorLike>>): Float64Array {
  const parameters = new Map([...namedParameters(model)].map(([name, node]) => [node as Expr, weights.get(name)!]));
  const y = forward(Object.fromEntries(Object.entries(inputs).map(([name, { type, dims }]) => [name, ops.input(name, type, dims)])));
  return evaluate([y], { inputs: feeds, parameters })[0]!.data;
}

async function expectSame(exported: Exported, weights: Weights, { Tensor }: OrtModule, session: OrtSession): Promise<void> {
  for (const sizes of exported.sizes) {
    const feeds = sample(exported, sizes);
    const given = Object.fromEntries(
      Object.entries(feeds).map(([name, { type, data, dims }]) => [name, new Tensor(type as never, data as never, dims)]),
    );
    const { output } = await session.run(given, { output: null });
    expectClose(output!.data as Float32Array, expected(exported, weights, feeds), 1e-5);
  }
}

const silent = { logSeverityLevel: 3 };

describe.each(runtimes)('exported models in %s', (name, runtime) => {
  const create = runtime.InferenceSession.create.bind(runtime.InferenceSession);

  test.each(models)('$name gives what it gives here', async (exported) => {
    const weights = someWeights(exported.model);
    await expectSame(exported, weights, runtime, await create(exportOnnx(exported.model, { ...exported, weights }), silent));
  });

  test('ViT of int8 gives what its rounded weights give here', async () => {
    const exported = models.find(({ model }) => model === viewer)!;
    const weights = someWeights(viewer);
    let rounded = 0;
    const restored: Weights = new Map(
      [...weights].map(([name, { type, dims, data }]) => {
        if (dims.length < 2 || data.length < 512) return [name, { type, dims, data }];
        rounded += data.length;
        return [name, { type, dims, data: dequantizeWeights(quantizeWeights(data, dims, { axis: 0 })) }];
      }),
    );
    const bytes = exportOnnx(viewer, { ...exported, weights, int8: true });
    expect(exportOnnx(viewer, { ...exported, weights }).length - bytes.length).toBeGreaterThan(2.5 * rounded);
    await expectSame(exported, restored, runtime, await create(bytes, silent));
  });

  test('Llama gives what it gives here with its weights in a second file', async () => {
    const exported = models.find(({ model }) => model === grouped)!;
    const [weights, location] = [someWeights(grouped), 'model.onnx_data'];
    const { model, data } = exportOnnx(grouped, { ...exported, weights, externalData: { location } });
    expect(data.length).toBeGreaterThan(4 * parameterCount(grouped) - 1024 * weights.size);
    if (name === 'ONNX Runtime Web') {
      await expectSame(exported, weights, runtime, await create(model, { ...silent, externalData: [{ path: location, data }] }));
      return;
    }
    const folder = mkdtempSync(join(tmpdir(), 'polymodal-export-'));
    writeFileSync(join(folder, 'model.onnx'), model);
    writeFileSync(join(folder, location), data);
    const session = await create(join(folder, 'model.onnx') as never, silent);
    rmSync(folder, { recursive: true });
    await expectSame(exported, weights, runtime, session);
  });
});

test('refuses inputs that no output depends on, and names that clash', () => {
  const weights = someWeights(mlp);
  const x = { type: 'float32', dims: ['batch', 6] } as const;
  const thrown = (code: string, message: string) => expect.objectContaining({ code, message: expect.stringContaining(message) });
  expect(() => exportOnnx(mlp, { weights, inputs: { x, mask: x }, forward: ({ x }) => mlp(x!) })).toThrow(
    thrown('NN_INPUT', 'no output depends on "mask"'),
  );
  const [name] = weights.keys();
  expect(() => exportOnnx(mlp, { weights, inputs: { [name!]: x }, forward: (fed) => mlp(fed[name!]!) })).toThrow(
    thrown('AUTOGRAD_DUPLICATE_NAME', `an input and a parameter of the graph are both named '${name}'`),
  );
});

// Where it is missing, the runner counts this as skipped.
(pythonWithOnnx === undefined ? test.skip : test)("Python's onnx.checker with shape inference accepts every exported model", () => {
  const files = models.flatMap((exported): [string, Uint8Array][] => {
    const options = { ...exported, weights: someWeights(exported.model), metadata: { licence: 'Apache-2.0' } };
    const { model, data } = exportOnnx(exported.model, { ...options, externalData: { location: `${exported.name}.data` } });
    const narrow = exportOnnx(exported.model, { ...options, int8: true, float16: true });
    const integers = exportOnnx(exported.model, { ...options, int8: 'dynamic' });
    return [
      [`${exported.name}.onnx`, model],
      [`${exported.name}.data`, data],
      [`${exported.name} (narrow).onnx`, narrow],
      [`${exported.name} (integers).onnx`, integers],
    ];
  });
  expect(refusedByOnnx(pythonWithOnnx!, Object.fromEntries(files))).toEqual({});
});
