import { afterAll, describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { type Expr, emitOnnx, evaluate, type OrtModule, onnxBackend, ops } from '../src/index.js';

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

const { NaN: none, POSITIVE_INFINITY: most, NEGATIVE_INFINITY: least } = Number;
const float32 = (...values: number[]): TensorLike => ({ type: 'float32', dims: [values.length], data: Float32Array.from(values) });
const int32 = (...values: number[]): TensorLike => ({ type: 'int32', dims: [values.length], data: Int32Array.from(values) });
const int64 = (...values: number[]): TensorLike => ({ type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) });
const limits = int32(2 ** 31 - 1, -(2 ** 31), 65537);

// What PyTorch 1.13 gives too.
describe.each<[what: string, y: (x: Expr) => Expr, x: TensorLike, expected: number[]]>([
  ['softmax of what float64 cannot tell apart', ops.softmax, float32(1e30, 1e30), [0.5, 0.5]],
  ['logSoftmax of what float64 cannot tell apart', ops.logSoftmax, float32(1e30, 1e30), [-Math.LN2, -Math.LN2]],
  ['softmax where nothing is possible', ops.softmax, float32(least, least), [none, none]],
  ['logSoftmax where one is certain', ops.logSoftmax, float32(0, least), [0, least]],
  ['argmax finds what is no number', ops.argmax, float32(1, none, 3, none), [1]],
  ['argmin finds what is no number', ops.argmin, float32(1, none, 3), [1]],
  ['maximum keeps what is no number', (x) => ops.maximum(x, 2), float32(1, none, most), [2, none, most]],
  ['relu keeps what is no number', ops.relu, float32(-1, none, most), [0, none, most]],
  ['clamp keeps what is no number', (x) => ops.clamp(x, { minimum: 2, maximum: 4 }), float32(1, none, most), [2, none, 4]],
  ['a float cast to a byte', (x) => ops.cast(x, 'uint8'), float32(300, -1, 2.7, -2.7), [44, 255, 2, 254]],
  ['an integer cast to 32 bits', (x) => ops.cast(x, 'int32'), int64(2 ** 31, 2 ** 33 + 5, -(2 ** 31) - 1), [-(2 ** 31), 5, 2 ** 31 - 1]],
  ['an integer cast to a byte', (x) => ops.cast(x, 'uint8'), int64(256, 511, -1), [0, 255, 255]],
  ['sums beyond 32 bits', (x) => ops.add(x, 1), limits, [-(2 ** 31), 1 - 2 ** 31, 65538]],
  ['differences beyond 32 bits', (x) => ops.sub(x, 1), limits, [2 ** 31 - 2, 2 ** 31 - 1, 65536]],
  ['products beyond 32 bits, all digits of them', (x) => ops.mul(x, x), limits, [1, 0, 131073]],
  ['what 32 bits cannot negate', ops.neg, limits, [1 - 2 ** 31, -(2 ** 31), -65537]],
])('%s', (_, build, value, expected) => {
  const x = ops.input('x', value.type, value.dims);
  const y = build(x);

  test('in the reference', () => {
    const { data } = evaluate([y], { inputs: { x: value } })[0]!;
    expected.forEach((number, i) => {
      if (Number.isFinite(number)) expect(data[i]).toBeCloseTo(number, 12);
      else expect(data[i]).toBe(number);
    });
  });

  test('on ONNX Runtime', async () => {
    const program = await backend.compile(emitOnnx({ outputs: { y } }));
    const data = Array.from((await (await program.run({ x: value })).y!.read()) as ArrayLike<number | bigint>, Number);
    expect(data).toEqual(expected.map((number) => (Number.isInteger(number) ? number : Math.fround(number))));
    await program.release();
  });
});

test.each([-1, 3])('a place outside the table, %d, is refused by evaluate() wherever it is written to', (bad) => {
  const updates = ops.constant({ type: 'float32', dims: [1, 2], data: Float32Array.of(1, 2) });
  const y = ops.scatterAdd(ops.zeros([3, 2]), ops.constant(int64(bad)), updates);
  expect(() => evaluate([y])).toThrow(
    expect.objectContaining({
      code: 'AUTOGRAD_INDEX',
      message: expect.stringContaining(`scatterAdd: index ${bad} is outside a table of 3 rows`),
    }),
  );
});
