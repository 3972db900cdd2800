import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type Expr, gradients, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { expectClose } from '../../test/goldens.js';
import { modelGolden, runBoth } from '../../test/model-goldens.js';
import { hashNamedShapes } from '../../test/named-shapes.js';
import { exportOnnx } from '../export-onnx.js';
import { loadWeights } from '../load-weights.js';
import { namedParameters, parameterCount } from '../module.js';
import { buildForTraining, buildGradients } from '../training-scope.js';
import { bottleneckBlock, resnet, resnetConfigs } from './resnet.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const isNorm = (name: string) => name.endsWith('.running_mean');

describe.each([
  ['basic', [2, 1, 1, 1]],
  ['bottleneck', [1, 2, 1, 1]],
] as const)('blocks: %s', (block, layers) => {
  const golden = modelGolden(`resnet-${block}`);
  const model = resnet({ block, layers, width: 2, num_channels: 1, num_labels: 3 });
  const { weights } = loadWeights(model, golden.weights);
  const x = ops.constant(golden.tensor('x'));
  const expected = (name: string) => golden.tensor(name).data as Float32Array;

  async function expectAll(outputs: Readonly<Record<string, Expr>>): Promise<void> {
    for (const results of Object.values(await runBoth(backend, model, outputs, weights)))
      for (const name of Object.keys(outputs)) expectClose(results[name]!, expected(name), 1e-5);
  }

  test('gives torchvision’s stages, features and logits', async () => {
    const stages = Object.fromEntries(model.stages(x).map((stage, i) => [`stage${i + 1}`, stage]));
    await expectAll({ ...stages, features: model.features(x), logits: model(x) });
  });

  test('gives PyTorch’s loss, gradients and running statistics in training', async () => {
    const { result: loss, written } = buildForTraining(0, 'step', () => ops.crossEntropy(model(x), ops.constant(golden.tensor('labels'))));
    const parameters = namedParameters(model);
    const names = [...golden.gradients.keys()];
    const learned = names.map((name) => parameters.get(name)!);
    const slopes = buildGradients(() => gradients(loss, learned));
    const outputs: Record<string, Expr> = { loss: ops.reshape(loss, [1]) };
    names.forEach((name, i) => {
      outputs[`gradients.${name}`] = slopes[i]!;
    });
    for (const [name, leaf] of parameters) if (written.has(leaf)) outputs[`updated.${name}`] = written.get(leaf)!;
    expect(Object.keys(outputs).length).toBe(1 + parameters.size);
    await expectAll(outputs);
  });

  test('exports with a batch of any size; loading folds its norms into the convolutions', async () => {
    const bytes = exportOnnx(model, {
      inputs: { pixel_values: { type: 'float32', dims: ['batch', 1, 33, 35] } },
      forward: ({ pixel_values }) => ({ logits: model(pixel_values!) }),
      weights,
    });
    // The type of a node in ONNX's wire format: field 4, 18 bytes.
    const norms = (model: Uint8Array) => Buffer.from(model).toString('latin1').split('\x22\x12BatchNormalization').length - 1;
    const folder = mkdtempSync(join(tmpdir(), 'polymodal-resnet-'));
    try {
      const optimizedModelFilePath = join(folder, 'loaded.onnx');
      const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: 'basic', optimizedModelFilePath });
      await session.release();
      expect([norms(bytes), norms(readFileSync(optimizedModelFilePath))]).toEqual([[...weights.keys()].filter(isNorm).length, 0]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const program = await backend.compile(bytes);
    const first = { type: 'float32', dims: [1, 1, 33, 35], data: expected('x').slice(0, 33 * 35) } as const;
    const { logits } = await program.run({ pixel_values: first });
    expectClose((await logits!.read()) as Float32Array, expected('logits').slice(0, 3), 1e-5);
    await program.release();
  });
});

test.each([
  ['resnet18', 11_689_512, 'fc669aac650ab66f6f786c5b13cfd6a691e18838ab2798d6273f9c7376e98c7b'],
  ['resnet34', 21_797_672, 'efabbe4b2289112be43dfa89fe7af8cfa27714b2c6ccd40c4807e25079c0ac21'],
  ['resnet50', 25_557_032, '584ee931ad382885ad353fa64c8bf7736b8cd3a2259cc79a8f1e68cb3de2b163'],
  ['resnet101', 44_549_160, 'a85edc6cd135a89dcee889579bacc5142231707846658ae8a3770606a2572f06'],
  ['resnet152', 60_192_808, 'd9e4b3df983b271116d340aa468f2791b8e855e3b128f399d0a3d44a6a66ef4c'],
] as const)('%s has torchvision’s names and shapes, running statistics too, built without their values', (name, count, hash) => {
  const model = resnet(resnetConfigs[name]);
  expect(parameterCount(model)).toBe(count);
  expect(hashNamedShapes(model)).toBe(hash);
});

test('without a head it gives the features; stages halve sizes, rounded up', () => {
  const headless = resnet({ ...resnetConfigs.resnet50, num_labels: 0 });
  const pixels = ops.input('x', 'float32', ['batch', 3, 225, 224]);
  expect(headless(pixels).dims).toEqual(['batch', 2048]);
  expect(headless.stages(pixels).map(({ dims }) => dims)).toEqual([
    ['batch', 256, 57, 56],
    ['batch', 512, 29, 28],
    ['batch', 1024, 15, 14],
    ['batch', 2048, 8, 7],
  ]);
});

test('a block projects its input only where the shape changes', () => {
  const names = (block: ReturnType<typeof bottleneckBlock>) => [...namedParameters(block).keys()].filter((name) => name.startsWith('down'));
  expect(names(bottleneckBlock(8, 8))).toEqual([]);
  expect(names(bottleneckBlock(8, 8, { stride: 2 }))).toContain('downsample.0.weight');
  expect(names(bottleneckBlock(4, 8))).toContain('downsample.1.running_var');
});
