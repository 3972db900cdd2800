import { describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import { pythonWithOnnx, refusedByOnnx } from '../../../scripts/python-onnx.js';
import { type Expr, emitOnnx, emitOnnxFiles, gradients, ops } from '../src/index.js';
import { serializeModel } from '../src/onnx/model.js';
import { buildCase } from './operator-case.js';
import { operatorCases } from './operator-cases.js';

const w = ops.parameter([16, 32], () => new Float32Array(512));
const parameters = new Map<Expr, string>([[w, 'w']]);
const dims = [16, 32];
const weight: TensorLike = { type: 'float32', dims, data: new Float32Array(512) };
const half: TensorLike = { type: 'float16', dims, data: new Uint16Array(512) };
const quantized = {
  type: 'int8',
  dims,
  data: new Int8Array(512),
  scale: new Float32Array(16),
  zeroPoint: new Int8Array(16),
  axis: 0,
} as const;

/** Sizes that are known when the graph runs; rows of x through w. */
const past = ops.input('past', 'float32', ['batch', 'past', 16]);
const x = ops.input('x', 'float32', ['batch', 'length', 16]);
const rows = ops.matmul(ops.concat([past, x], 1, { size: 'total' }), w);
const positions = ops.slice(ops.constant({ type: 'float32', dims: [64, 32], data: new Float32Array(2048) }), 0, 0, 'length');
const output = ops.add(ops.reshape(ops.matmul(x, w), ['batch', 'length', 4, 8]), ops.reshape(positions, ['length', 4, 8]));

function trainingStep(): Uint8Array {
  const step = ops.input('step', 'int64', []);
  const images = ops.input('images', 'float32', [4, 1, 8, 8]);
  const kernel = ops.input('kernel', 'float32', [2, 1, 3, 3]);
  const labels = ops.input('labels', 'int64', [4]);
  const features = ops.gelu(ops.convolution(images, kernel, { padding: 1, stride: 2 })); // [4, 2, 4, 4]
  const logits = ops.matmul(ops.dropout(ops.reshape(features, [4, 32]), { rate: 0.1, seed: step }), w, { transposeB: true });
  const loss = ops.crossEntropy(logits, labels);
  const [dKernel, dW] = gradients(loss, [kernel, w]) as [Expr, Expr];
  const norm = ops.sqrt(ops.add(ops.sum(ops.mul(dKernel, dKernel)), ops.sum(ops.mul(dW, dW))));
  const rate = ops.minimum(ops.div(0.1, norm), 1);
  return emitOnnx({
    outputs: { loss, nextKernel: ops.sub(kernel, ops.mul(dKernel, rate)), nextW: ops.sub(w, ops.mul(dW, rate)) },
    parameters,
  });
}

// Where it is missing, the runner counts these as skipped.
(pythonWithOnnx === undefined ? describe.skip : describe)("Python's onnx.checker with shape inference", () => {
  const refused = (files: Readonly<Record<string, Uint8Array>>) => refusedByOnnx(pythonWithOnnx!, files);

  test('accepts every operator and its gradient', () => {
    const files = operatorCases.map((row, i) => [`${i}.onnx`, emitOnnx({ outputs: buildCase(row).outputs })]);
    const found = refused(Object.fromEntries(files));
    expect(operatorCases.flatMap(({ name }, i) => (found[`${i}.onnx`] === undefined ? [] : [`${name}: ${found[`${i}.onnx`]}`]))).toEqual(
      [],
    );
  });

  test('accepts a training step', () => {
    expect(refused({ 'step.onnx': trainingStep() })).toEqual({});
  });

  test('accepts weights inside, beside, of half precision and of integers, sizes with names, and metadata', () => {
    const options = { outputs: { rows, output }, parameters, metadata: { licence: 'Apache-2.0', author: 'ö' } };
    const storedAs = (value: TensorLike | typeof quantized) => emitOnnx({ ...options, weights: new Map([['w', value]]) });
    const { model, data } = emitOnnxFiles({ ...options, weights: new Map([['w', weight]]) }, { location: 'weights.bin' });
    expect(data.length).toBeGreaterThanOrEqual(4 * 512);
    const files = { 'inside.onnx': storedAs(weight), 'half.onnx': storedAs(half), 'int8.onnx': storedAs(quantized) };
    expect(refused({ ...files, 'beside.onnx': model, 'weights.bin': data })).toEqual({});
  });

  test('refuses what is wrong', () => {
    const value = { name: 'y', type: 'float32', dims: [2] } as const;
    const node = { type: 'Neg', domain: '', inputs: ['nowhere'], outputs: ['y'], attributes: {} };
    const broken = serializeModel({ nodes: [node], initializers: new Map(), inputs: [], outputs: [value], opset: 17, irVersion: 8 });
    expect(Object.keys(refused({ 'broken.onnx': broken }))).toEqual(['broken.onnx']);
  });
});
