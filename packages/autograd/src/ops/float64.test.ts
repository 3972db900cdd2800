import { afterAll, describe, expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { largestDifference } from '../../test/operator-case.js';
import { evaluate } from '../evaluate.js';
import type { Expr } from '../expr.js';
import { gradients } from '../gradients.js';
import { emitOnnx } from '../onnx/emit.js';
import { onnxBackend } from '../onnx/onnx-backend.js';
import type { OrtModule } from '../onnx/runtime.js';
import * as ops from './index.js';

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

const x = ops.input('x', 'float64', [2, 3]);
const feeds = { x: { type: 'float64', dims: [2, 3], data: Float64Array.of(0.3, 1.2, -0.4, 2.5, 0.1, -1.7) } } as const;
const classes = ops.constant({ type: 'int64', dims: [2], data: BigInt64Array.of(0n, 2n) });
const scale = ops.constant({ type: 'float64', dims: [3], data: Float64Array.of(1, 2, 3) });

// Those whose numbers, masks or bounds take the type of what they are given. The runtime has no such kernels for erf, elu and softplus, and its
// layerNorm keeps statistics of float32.
describe.each<[string, Expr]>([
  ['mul by a number', ops.mul(x, 1 / 3)],
  ['clamp', ops.clamp(x, { minimum: -0.1, maximum: 1 / 3 })],
  ['pow', ops.pow(ops.abs(x), 1 / 3)],
  ['relu', ops.relu(x)],
  ['leakyRelu', ops.leakyRelu(x, 0.25)],
  ['max', ops.max(x, 1)],
  ['min', ops.min(x, 0)],
  ['logSumExp', ops.logSumExp(ops.mul(x, 1e200), 1)],
  ['product', ops.product(x, 1)],
  ['softmax', ops.softmax(x)],
  ['rmsNorm', ops.rmsNorm(x, scale)],
  ['l2Normalize', ops.l2Normalize(x)],
  ['standardDeviation', ops.standardDeviation(x, 0)],
  ['crossEntropy', ops.crossEntropy(x, classes, { labelSmoothing: 0.1 })],
])('%s', (_, y) => {
  test('of float64 is exact to its digits, and so is its gradient', async () => {
    const [gradient] = gradients(ops.cast(ops.sum(y), 'float32'), [x]);
    const program = await backend.compile(emitOnnx({ outputs: { y, gradient: gradient! } }));
    const results = await program.run(feeds);
    for (const [i, { type, data }] of evaluate([y, gradient!], { inputs: feeds }).entries()) {
      const result = Object.values(results)[i]!;
      expect([result.type, type]).toEqual(['float64', 'float64']);
      expect(largestDifference((await result.read()) as Float64Array, data)).toBeLessThan(1e-14);
    }
    await program.release();
  });
});
