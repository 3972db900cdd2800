import { afterAll, describe, expect, test } from '@jest/globals';
import { type Expr, evaluate, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { expectClose } from '../../test/goldens.js';
import { expectBlock, modelGolden } from '../../test/model-goldens.js';
import { initialize } from '../initialize.js';
import { type Layer, namedParameters } from '../module.js';
import { downsampleBlock, upsampleBlock } from './resampling.js';
import { spatialAttention } from './spatial-attention.js';
import { spatialTransformer } from './spatial-transformer.js';
import { sinusoids, timeEmbedding } from './time-embedding.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

describe("gives diffusers' outputs and gradients", () => {
  test.each<[string, Layer, (block: Layer, x: Expr) => Expr]>([
    ['downsample', downsampleBlock(3, { outputs: 2 }), (block, x) => block(x)],
    ['downsample-asymmetric', downsampleBlock(3, { asymmetric: true }), (block, x) => block(x)],
    ['upsample', upsampleBlock(3, { outputs: 2 }), (block, x) => block(x)],
    ['upsample-odd', upsampleBlock(3), (block: ReturnType<typeof upsampleBlock>, x) => block(x, [5, 7])],
    ['attention', spatialAttention({ channels: 8, heads: 2, groups: 2 }), (block, x) => block(x)],
  ])('%s', async (name, block, call) => {
    const golden = modelGolden('unet-blocks', `${name}.`);
    const x = ops.constant(golden.tensor('x'));
    await expectBlock(backend, block, call(block, x), golden, 1e-5, { x });
  });

  test('spatial transformer with convolutions', async () => {
    const golden = modelGolden('unet-blocks', 'transformer.');
    const block = spatialTransformer({ channels: 8, heads: 2, contextWidth: 6, groups: 2 });
    const [x, context] = [ops.constant(golden.tensor('x')), ops.constant(golden.tensor('context'))];
    await expectBlock(backend, block, block(x, context), golden, 1e-5, { x, context });
  });

  test('spatial transformer with matrices, two layers and a mask of the context', async () => {
    const golden = modelGolden('unet-blocks', 'transformer-linear.');
    const block = spatialTransformer({ channels: 4, heads: 2, contextWidth: 3, layers: 2, groups: 2, linearProjection: true });
    const [x, context] = [ops.constant(golden.tensor('x')), ops.constant(golden.tensor('context'))];
    const mask = ops.reshape(ops.equal(ops.constant(golden.tensor('mask')), 1), [2, 1, 1, 5]);
    await expectBlock(backend, block, block(x, context, mask), golden, 1e-5, { x, context });
  });

  test.each([
    ['time', {}],
    ['time-ddpm', { cosineFirst: false, shift: 1 }],
  ])('%s', async (name, options) => {
    const golden = modelGolden('unet-blocks', `${name}.`);
    const block = timeEmbedding(8, 16);
    const waves = sinusoids(ops.constant(golden.tensor('time')), 8, options);
    expectClose(evaluate([waves])[0]!.data, golden.tensor('sinusoids').data as Float32Array, 1e-6);
    await expectBlock(backend, block, block(waves), golden, 1e-5);
  });
});

test.each([
  ['attention', spatialAttention({ channels: 4, groups: 2 })],
  ['a transformer', spatialTransformer({ channels: 4, heads: 2, groups: 2 })],
])('%s starts as the identity', (_, block: Layer) => {
  const x = { type: 'float32', dims: [1, 4, 2, 2], data: Float32Array.from({ length: 16 }, (_, i) => i / 7) } as const;
  const start = initialize(block, 1);
  const [y] = evaluate([block(ops.constant(x))], {
    parameters: new Map([...namedParameters(block)].map(([name, node]) => [node, start.get(name)!])),
  });
  expect([...y!.data]).toEqual([...x.data]);
});

test('heads must divide the channels', () => {
  expect(() => spatialAttention({ channels: 8, heads: 3, groups: 2 })).toThrow(expect.objectContaining({ code: 'NN_HEADS' }));
});
