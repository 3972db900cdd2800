import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { evaluate } from '../evaluate.js';
import { gradients } from '../gradients.js';
import { emitOnnx } from '../onnx/emit.js';
import { onnxBackend } from '../onnx/onnx-backend.js';
import type { OrtModule } from '../onnx/runtime.js';
import * as ops from './index.js';

// Values and gradients of every option are in operators.test.ts, agreement with PyTorch in test/goldens.test.ts.

const image = ops.input('x', 'float32', ['batch', 4, 8, 9]);
const weight = (...dims: number[]) => ops.zeros(dims);

describe('the shape of', () => {
  test.each([
    ['3×3', ops.convolution(image, weight(5, 4, 3, 3)), ['batch', 5, 6, 7]],
    ['3×3, padding 1', ops.convolution(image, weight(5, 4, 3, 3), { padding: 1 }), ['batch', 5, 8, 9]],
    ['4×4, stride 2, padding 1', ops.convolution(image, weight(5, 4, 4, 4), { stride: 2, padding: 1 }), ['batch', 5, 4, 4]],
    ['padding per side', ops.convolution(image, weight(5, 4, 3, 3), { padding: [[2, 0], 1] }), ['batch', 5, 8, 9]],
    ['dilation 3', ops.convolution(image, weight(5, 4, 3, 2), { dilation: 3 }), ['batch', 5, 2, 6]],
    ['groups', ops.convolution(image, weight(6, 2, 1, 1), { groups: 2 }), ['batch', 6, 8, 9]],
    ['transposed, stride 2', ops.convolutionTranspose(image, weight(4, 3, 4, 4), { stride: 2, padding: 1 }), ['batch', 3, 16, 18]],
    [
      'transposed, groups and output padding',
      ops.convolutionTranspose(image, weight(4, 3, 3, 3), { stride: [2, 3], groups: 2, outputPadding: [1, 2] }),
      ['batch', 6, 18, 29],
    ],
  ])('%s', (_, y, dims) => {
    expect(y.dims).toEqual(dims);
  });
});

test('a batch of a named size runs with any size', async () => {
  const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
  const x = ops.input('x', 'float32', ['batch', 1, 3]);
  const y = ops.convolution(x, ops.constant({ type: 'float32', dims: [1, 1, 2], data: Float32Array.of(1, 10) }));
  const program = await backend.compile(emitOnnx({ outputs: { y } }));
  for (const batch of [1, 2]) {
    const data = Float32Array.from({ length: batch * 3 }, (_, i) => i);
    const { y: result } = await program.run({ x: { type: 'float32', dims: [batch, 1, 3], data } });
    expect(result!.dims).toEqual([batch, 1, 2]);
    expect([...((await result!.read()) as Float32Array)]).toEqual([10, 21, 43, 54].slice(0, batch * 2));
  }
  await program.release();
});

/** Numbers in [−1, 1) without a pattern; a generator would take long over a million of them. */
const values = (dims: readonly number[], seed: number) => {
  const count = dims.reduce((n, dim) => n * dim, 1);
  return {
    type: 'float32' as const,
    dims,
    data: Float32Array.from({ length: count }, (_, i) => (((i + seed) * 7919) % 10_007) / 5003.5 - 1),
  };
};

/** Compares with the reference, relative to its largest value. */
function expectWithin(name: string, found: Float32Array, expected: Float64Array, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  found.forEach((value, at) => {
    if (!(Math.abs(value - expected[at]!) <= tolerance * scale)) throw new Error(`${name}[${at}] is ${value}, not ${expected[at]}`);
  });
}

/** Kernels, strides and paddings of every relation, so that each of the forms that transposed convolutions and weights' gradients take is met. */
const geometries = fc
  .array(
    fc.record({
      count: fc.integer({ min: 1, max: 9 }),
      kernel: fc.integer({ min: 1, max: 5 }),
      stride: fc.integer({ min: 1, max: 4 }),
      before: fc.integer({ min: 0, max: 6 }),
      after: fc.integer({ min: 0, max: 6 }),
      extra: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((axes) => axes.map((axis) => ({ ...axis, extra: Math.min(axis.extra, axis.stride - 1) })))
  .filter((axes) =>
    axes.every(({ count, kernel, stride, before, after, extra }) => (count - 1) * stride + kernel + extra > before + after),
  );

test('transposed convolutions and both gradients of convolutions agree with the reference whatever the geometry', async () => {
  const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
  await fc.assert(
    fc.asyncProperty(geometries, fc.constantFrom(1, 8), async (axes, outputs) => {
      const of = <K extends keyof (typeof axes)[0]>(key: K) => axes.map((axis) => axis[key]);
      const inputs = { x: values([2, 3, ...of('count')], 1), w: values([3, outputs, ...of('kernel')], 2) };
      const [x, w] = [ops.input('x', 'float32', inputs.x.dims), ops.input('w', 'float32', inputs.w.dims)];
      const padding = axes.map(({ before, after }) => [before, after] as const);
      const wide = ops.convolutionTranspose(x, w, { stride: of('stride'), padding, outputPadding: of('extra') });
      const narrow = ops.convolution(wide, w, { stride: of('stride'), padding });
      const [dx, dw] = gradients(ops.sum(ops.mul(narrow, narrow)), [x, w]);
      const outputsOf = { wide, narrow, dx: dx!, dw: dw! };
      const program = await backend.compile(emitOnnx({ outputs: outputsOf }));
      const found = await program.run(inputs);
      const expected = evaluate(Object.values(outputsOf), { inputs });
      for (const [i, name] of Object.keys(outputsOf).entries()) {
        const data = (await found[name]!.read()) as Float32Array;
        expect(found[name]!.dims).toEqual(expected[i]!.dims);
        expectWithin(name, data, expected[i]!.data, 1e-5);
      }
      await program.release();
    }),
    { numRuns: 60, seed: 1 },
  );
  await backend.dispose();
});

test.each([
  ['over no pictures', [0, 3, 6, 6], [2, 3, 3, 3], {}],
  ['over no pictures, one kernel per channel', [0, 3, 6, 6], [3, 1, 3, 3], { groups: 3 }],
])('the gradient of a weight %s', async (_, dims, weightDims, options) => {
  const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
  const inputs = { x: values(dims, 1), w: values(weightDims, 2) };
  const [x, w] = [ops.input('x', 'float32', dims), ops.input('w', 'float32', weightDims)];
  const [dw] = gradients(ops.sum(ops.sin(ops.convolution(x, w, options))), [w]);
  const program = await backend.compile(emitOnnx({ outputs: { dw: dw! } }));
  const found = await program.run(Object.fromEntries(program.inputNames.map((name) => [name, inputs[name as 'x' | 'w']])));
  expectWithin('dw', (await found.dw!.read()) as Float32Array, evaluate([dw!], { inputs })[0]!.data, 1e-4);
  await program.release();
  await backend.dispose();
});

test('the gradient of a weight whose windows are gathered a few rows at a time', async () => {
  const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
  const inputs = { x: values([4, 48, 92, 63], 1), w: values([2, 48, 3, 3], 2), r: values([4, 2, 90, 61], 3) };
  const [x, w, r] = [
    ops.input('x', 'float32', inputs.x.dims),
    ops.input('w', 'float32', inputs.w.dims),
    ops.input('r', 'float32', inputs.r.dims),
  ];
  const [dw] = gradients(ops.sum(ops.mul(ops.convolution(x, w), r)), [w]);
  const program = await backend.compile(emitOnnx({ outputs: { dw: dw! } }));
  const found = (await (await program.run({ x: inputs.x, r: inputs.r })).dw!.read()) as Float32Array;
  for (const [o, c, k, l] of [
    [0, 0, 0, 0],
    [1, 47, 2, 2],
    [0, 17, 1, 2],
    [1, 30, 2, 0],
  ] as const) {
    let sum = 0;
    for (let b = 0; b < 4; b++)
      for (let i = 0; i < 90; i++)
        for (let j = 0; j < 61; j++)
          sum += inputs.r.data[((b * 2 + o) * 90 + i) * 61 + j]! * inputs.x.data[((b * 48 + c) * 92 + i + k) * 63 + j + l]!;
    expect(Math.abs(found[((o * 48 + c) * 3 + k) * 3 + l]! - sum)).toBeLessThan(1e-2);
  }
  await program.release();
  await backend.dispose();
});

test('a gradient needs no more of the input than it is asked for', () => {
  const x = ops.input('x', 'float32', [2, 4, 8, 9]);
  const w = ops.parameter([5, 4, 3, 3], () => new Float32Array(180));
  const [dw] = gradients(ops.sum(ops.convolution(x, w, { stride: 2 })), [w]);
  const ones = { type: 'float32' as const, dims: [2, 4, 8, 9], data: new Float32Array(2 * 4 * 8 * 9).fill(1) };
  // Every weight meets 3·4 windows of two images.
  expect(new Set(evaluate([dw!], { inputs: { x: ones } })[0]!.data)).toEqual(new Set([24]));
});

describe('refuses', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['an input without channels', () => ops.convolution(ops.zeros([4, 8]), weight(5, 4, 3)), /only the batch may be a name/],
    ['sizes that are names', () => ops.convolution(ops.input('x', 'float32', [1, 4, 'height', 8]), weight(5, 4, 3, 3)), /only the batch/],
    ['four spatial axes', () => ops.convolution(ops.zeros([1, 1, 2, 2, 2, 2]), weight(1, 1, 1, 1, 1, 1)), /\[batch, channels, length\]/],
    ['a weight of another rank', () => ops.convolution(image, weight(5, 4, 3)), /same rank/],
    ['a weight for other channels', () => ops.convolution(image, weight(5, 3, 3, 3)), /reads 3 channels in 1 groups, the input has 4/],
    ['groups that do not divide', () => ops.convolution(image, weight(5, 2, 3, 3), { groups: 2 }), /do not divide/],
    ['a kernel larger than the input', () => ops.convolution(image, weight(5, 4, 9, 9)), /longer than the padded input/],
    ['a stride of 0', () => ops.convolution(image, weight(5, 4, 3, 3), { stride: 0 }), /stride is 0.*at least 1/],
    ['half a stride', () => ops.convolution(image, weight(5, 4, 3, 3), { stride: 1.5 }), /stride is 1\.5/],
    ['a negative padding', () => ops.convolution(image, weight(5, 4, 3, 3), { padding: -1 }), /padding/],
    [
      'a padding by name',
      () => ops.convolution(image, weight(5, 4, 3, 3), { padding: 'same' as never }),
      /padding is "same".*\[before, after\]/,
    ],
    ['three sides', () => ops.convolution(image, weight(5, 4, 3, 3), { padding: [[1, 2, 3], 1] as never }), /padding is \[\[1,2,3\],1\]/],
    ['three strides for two axes', () => ops.convolution(image, weight(5, 4, 3, 3), { stride: [1, 1, 1] }), /2 of them/],
    ['a bias of another size', () => ops.convolution(image, weight(5, 4, 3, 3), { bias: ops.zeros([4]) }), /must be \[5\]/],
    ['a transposed weight for other channels', () => ops.convolutionTranspose(image, weight(3, 4, 2, 2)), /\[in, out \/ groups/],
    [
      'an output padding as large as the stride',
      () => ops.convolutionTranspose(image, weight(4, 3, 2, 2), { stride: 2, outputPadding: 2 }),
      /less than the stride/,
    ],
    ['padding that leaves nothing', () => ops.convolutionTranspose(image, weight(4, 3, 2, 2), { padding: 5 }), /less padding/],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ code: 'AUTOGRAD_SHAPE', message: expect.stringMatching(message) }));
  });

  test.each([
    () => ops.convolution(undefined as never, weight(5, 4, 3, 3)),
    () => ops.convolutionTranspose(undefined as never, weight(4, 5, 3, 3)),
  ])('what is no expression', (act) => {
    expect(act).toThrow(expect.objectContaining({ message: expect.stringContaining('operand 1 is undefined, not an expression') }));
  });

  test('the gradient of a weight over a batch of unknown size', () => {
    const w = ops.parameter([5, 4, 3, 3], () => new Float32Array(180));
    const act = () => emitOnnx({ outputs: { dw: gradients(ops.sum(ops.convolution(image, w)), [w])[0]! } });
    expect(act).toThrow(
      expect.objectContaining({ code: 'AUTOGRAD_SHAPE', message: expect.stringContaining("dimension 'batch' a number") }),
    );
  });
});
