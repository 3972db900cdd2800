import { afterAll, expect, test } from '@jest/globals';
import { onnxBackend, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { expectClose } from '../../test/goldens.js';
import { modelGolden, runBoth } from '../../test/model-goldens.js';
import { exportOnnx } from '../export-onnx.js';
import { loadWeights } from '../load-weights.js';
import { parameterCount } from '../module.js';
import { renameWeights } from '../names/rename-weights.js';
import { vitNames } from '../names/vit-names.js';
import { vit, vitConfigs } from './vit.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const golden = modelGolden('vit');
const model = vit({
  image_size: 32,
  patch_size: 8,
  hidden_size: 32,
  num_hidden_layers: 1,
  num_attention_heads: 4,
  intermediate_size: 64,
  layer_norm_eps: 1e-6,
  num_labels: 10,
});

test.each([
  ["Hugging Face's names", () => golden.weights],
  ["timm's names", () => renameWeights(golden.under('timm.'), vitNames)],
])('gives torchvision’s tokens and logits, from weights under %s', async (_, read) => {
  const { weights } = loadWeights(model, read());
  const x = ops.constant(golden.tensor('x'));
  const { float64, onnx } = await runBoth(backend, model, { tokens: model.tokens(x), logits: model(x) }, weights);
  for (const results of [float64, onnx]) {
    expectClose(results.tokens!, golden.tensor('hidden').data as Float32Array, 1e-5);
    expectClose(results.logits!, golden.tensor('logits').data as Float32Array, 1e-5);
  }
});

test('has the parameters of the published sizes, built without their values', () => {
  const counts = Object.values(vitConfigs).map((config) => parameterCount(vit(config)));
  expect(counts).toEqual([5_717_416, 22_050_664, 86_567_656, 88_224_232, 304_326_632, 632_045_800]);
});

test('exports with a batch of any size', async () => {
  const bytes = exportOnnx(model, {
    inputs: { pixel_values: { type: 'float32', dims: ['batch', 3, 32, 32] } },
    forward: ({ pixel_values }) => ({ logits: model(pixel_values!) }),
    weights: golden.weights,
  });
  const program = await backend.compile(bytes);
  const whole = golden.tensor('x');
  const first: TensorLike = { type: 'float32', dims: [1, 3, 32, 32], data: (whole.data as Float32Array).slice(0, 3 * 32 * 32) };
  const { logits } = await program.run({ pixel_values: first });
  expectClose((await logits!.read()) as Float32Array, (golden.tensor('logits').data as Float32Array).slice(0, 10), 1e-5);
  await program.release();
});

test('without a head it gives the class token', () => {
  const headless = vit({ ...vitConfigs['tiny/16'], num_labels: 0 });
  expect(headless(ops.input('x', 'float32', ['batch', 3, 224, 224])).dims).toEqual(['batch', 192]);
});
