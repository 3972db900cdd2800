import { afterAll, expect, test } from '@jest/globals';
import { onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { expectBlock, modelGolden } from '../test/model-goldens.js';
import { namedParameters } from './module.js';
import { perceiverBlock } from './transformer.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

test("perceiverBlock gives PyTorch's output and gradients, with inputs of another width, some of them padding", async () => {
  const golden = modelGolden('perceiver');
  const block = perceiverBlock({ width: 12, heads: 3, inputWidth: 7, hidden: 24 });
  expect(golden.gradients.size).toBe(namedParameters(block).size);
  const mask = ops.equal(ops.reshape(ops.constant(golden.tensor('padding')), [2, 1, 1, 9]), 0);
  const y = block(ops.constant(golden.tensor('latents')), ops.constant(golden.tensor('inputs')), mask);
  await expectBlock(backend, block, y, golden, 1e-5);
});

test('the latents stay as many as they are, whatever is read', () => {
  const block = perceiverBlock({ width: 12, heads: 3 });
  for (const length of [1, 10, 2000])
    expect(block(ops.input('latents', 'float32', ['batch', 4, 12]), ops.input('inputs', 'float32', ['batch', length, 12])).dims).toEqual([
      'batch',
      4,
      12,
    ]);
});
