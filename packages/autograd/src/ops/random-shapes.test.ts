import { afterAll, expect, test } from '@jest/globals';
import { createRandom } from '@polymodal/modality-registry';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { evaluate } from '../evaluate.js';
import type { Expr } from '../expr.js';
import { gradients } from '../gradients.js';
import { emitOnnx } from '../onnx/emit.js';
import { onnxBackend } from '../onnx/onnx-backend.js';
import type { OrtModule } from '../onnx/runtime.js';
import * as ops from './index.js';

// Every operator at one shape is in operators.test.ts; here the shapes and options are drawn, for operators with much geometry.

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

interface Drawn {
  readonly shapes: readonly (readonly number[])[];
  readonly build: (...inputs: Expr[]) => Expr;
}

const small = (min: number, max: number) => fc.integer({ min, max });
const shape = (minLength: number, maxLength: number) => fc.array(small(1, 4), { minLength, maxLength });
const axisOf = (dims: readonly number[]) => small(-dims.length, dims.length - 1);

const broadcast = fc.tuple(shape(1, 4), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), small(0, 3)).map(
  ([dims, ones, dropped]): Drawn => ({
    shapes: [dims, dims.map((dim, i) => (ones[i] ? 1 : dim)).slice(Math.min(dropped, dims.length - 1))],
    build: (a, b) => ops.div(ops.mul(a!, ops.sigmoid(b!)), ops.add(ops.exp(b!), 1)),
  }),
);

const reductions = shape(1, 4).chain((dims) =>
  fc.tuple(fc.uniqueArray(small(0, dims.length - 1), { minLength: 1 }), fc.boolean()).map(
    ([axes, keepDims]): Drawn => ({
      shapes: [dims],
      build: (x) => ops.add(ops.logSumExp(x!, axes, keepDims), ops.mul(ops.mean(x!, axes, keepDims), ops.product(x!, axes, keepDims))),
    }),
  ),
);

const alongAxis = shape(1, 4).chain((dims) =>
  fc.tuple(axisOf(dims), fc.boolean(), fc.boolean()).map(
    ([axis, exclusive, reverse]): Drawn => ({
      shapes: [dims],
      build: (x) => ops.mul(ops.cumulativeSum(ops.sort(x!, axis).values, axis, { exclusive, reverse }), ops.softmax(x!, axis)),
    }),
  ),
);

const products = fc.tuple(shape(0, 2), small(1, 4), small(1, 4), small(1, 4), fc.boolean(), fc.boolean()).map(
  ([batch, n, k, m, transposeA, transposeB]): Drawn => ({
    shapes: [
      [...batch, ...(transposeA ? [k, n] : [n, k])],
      [...batch, ...(transposeB ? [m, k] : [k, m])],
    ],
    build: (a, b) => ops.matmul(a!, b!, { transposeA, transposeB }),
  }),
);

const gathers = shape(1, 4).chain((dims) =>
  fc.tuple(small(0, dims.length - 1), shape(0, 2)).chain(([axis, places]) => {
    const count = places.reduce((n, size) => n * size, 1);
    return fc.array(small(0, dims[axis]! - 1), { minLength: count, maxLength: count }).map(
      (indices): Drawn => ({
        shapes: [dims],
        build: (x) => ops.gather(x!, ops.constant({ type: 'int64', dims: places, data: BigInt64Array.from(indices, BigInt) }), axis),
      }),
    );
  }),
);

const padding = fc
  .tuple(fc.array(small(2, 4), { minLength: 1, maxLength: 3 }), fc.constantFrom('constant', 'reflect', 'replicate'))
  .chain(([dims, mode]) =>
    fc
      .tuple(...dims.map((size) => fc.tuple(small(0, size - 1), small(0, size - 1))))
      .map((pads): Drawn => ({ shapes: [dims], build: (x) => ops.pad(x!, pads, { mode: mode as ops.PadMode, value: 0.5 }) })),
  );

const windows = small(1, 3).chain((rank) =>
  fc.record({
    groups: small(1, 2),
    batch: small(1, 2),
    kernel: fc.array(small(1, 3), { minLength: rank, maxLength: rank }),
    extra: fc.array(small(0, 3), { minLength: rank, maxLength: rank }),
    stride: fc.array(small(1, 3), { minLength: rank, maxLength: rank }),
    dilation: fc.array(small(1, 2), { minLength: rank, maxLength: rank }),
    pads: fc.array(fc.tuple(small(0, 2), small(0, 2)), { minLength: rank, maxLength: rank }),
  }),
);

const convolutions = windows.map(({ groups, batch, kernel, extra, stride, dilation, pads }): Drawn => {
  const sizes = kernel.map((size, axis) => dilation[axis]! * (size - 1) + 1 + extra[axis]!);
  return {
    shapes: [
      [batch, 2 * groups, ...sizes],
      [groups, 2, ...kernel],
    ],
    build: (x, w) => ops.convolution(x!, w!, { groups, stride, dilation, padding: pads }),
  };
});

const transposed = windows.map(
  ({ groups, batch, kernel, extra, stride, dilation }): Drawn => ({
    shapes: [
      [batch, 2 * groups, ...extra.map((size) => size + 1)],
      [2 * groups, 1, ...kernel],
    ],
    build: (x, w) => ops.convolutionTranspose(x!, w!, { groups, stride, dilation, outputPadding: stride.map((step) => step - 1) }),
  }),
);

const pooling = fc.tuple(windows, fc.boolean()).map(
  ([{ batch, kernel, extra, stride, pads }, ceil]): Drawn => ({
    // A rest may be all that there is.
    shapes: [[batch, 2, ...kernel.map((size, axis) => Math.max(1, size + extra[axis]! - (ceil ? stride[axis]! - 1 : 0)))]],
    build(x) {
      const options = {
        kernel,
        stride,
        padding: pads.map((pair, axis) => pair.map((side) => Math.min(side, kernel[axis]! - 1)) as [number, number]),
        ceil,
      };
      return ops.mul(ops.maxPool(x!, options), ops.averagePool(x!, { ...options, includePadding: batch === 1 }));
    },
  }),
);

const einsums = fc
  .tuple(
    fc.subarray(['a', 'b', 'c', 'd'], { minLength: 1 }),
    fc.subarray(['a', 'b', 'c', 'd'], { minLength: 1 }),
    fc.array(small(1, 3), { minLength: 4, maxLength: 4 }),
  )
  .chain(([left, right, sizes]) =>
    fc.shuffledSubarray([...new Set([...left, ...right])]).map((output): Drawn => {
      const dims = (labels: readonly string[]) => labels.map((label) => sizes['abcd'.indexOf(label)]!);
      return {
        shapes: [dims(left), dims(right)],
        build: (a, b) => ops.einsum(`${left.join('')},${right.join('')}->${output.join('')}`, a!, b!),
      };
    }),
  );

const count = (dims: readonly number[]) => dims.reduce((n, dim) => n * dim, 1);

/** The ONNX result against the reference, and the gradient, along a random direction, against a central difference of the reference. */
async function holds({ shapes, build }: Drawn): Promise<void> {
  const random = createRandom(6).fork(shapes.flat().join());
  const draw = (dims: readonly number[]) => ({
    type: 'float32' as const,
    dims,
    data: Float32Array.from({ length: count(dims) }, () => random.normal()),
  });
  const leaves = shapes.map((dims, i) => ops.input(`x${i}`, 'float32', dims));
  const values = shapes.map(draw);
  const y = build(...leaves);
  const loss = ops.sum(ops.mul(y, ops.constant(draw(y.dims as number[]))));
  const slopes = gradients(loss, leaves);
  const feeds = Object.fromEntries(values.map((value, i) => [`x${i}`, value]));

  const directions = shapes.map(draw);
  const step = 1e-6;
  const at = (h: number) => {
    const moved = values.map(({ dims, data }, i) => ({
      type: 'float32' as const,
      dims,
      data: Float64Array.from(data, (value, j) => value + h * directions[i]!.data[j]!),
    }));
    return evaluate([loss], { inputs: Object.fromEntries(moved.map((value, i) => [`x${i}`, value])) })[0]!.data[0]!;
  };
  const [expected, ...own] = evaluate([y, ...slopes], { inputs: feeds });
  const along = own.reduce((sum, { data }, i) => sum + data.reduce((all, slope, j) => all + slope * directions[i]!.data[j]!, 0), 0);
  const numeric = (at(step) - at(-step)) / (2 * step);
  expect(Math.abs(along - numeric)).toBeLessThan(1e-5 * Math.max(1, Math.abs(numeric)));

  const program = await backend.compile(emitOnnx({ outputs: Object.fromEntries([y, ...slopes].map((root, i) => [`y${i}`, root])) }));
  const results = await program.run(Object.fromEntries(program.inputNames.map((name) => [name, feeds[name]!])));
  for (const [i, { data }] of [expected!, ...own].entries()) {
    const run = (await results[`y${i}`]!.read()) as Float32Array;
    const scale = data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    expect(run.length).toBe(data.length);
    for (const [j, value] of data.entries()) expect(Math.abs(run[j]! - value)).toBeLessThan(1e-5 * scale);
  }
  await program.release();
}

test.each<[string, fc.Arbitrary<Drawn>]>([
  ['broadcasting', broadcast],
  ['reductions', reductions],
  ['order and running sums', alongAxis],
  ['matrix products', products],
  ['einsum', einsums],
  ['gather', gathers],
  ['pad', padding],
  ['convolutions', convolutions],
  ['transposed convolutions', transposed],
  ['pooling', pooling],
])('%s of random shapes agree with the reference, and their gradients with differences', async (_, drawn) => {
  await fc.assert(fc.asyncProperty(drawn, holds), { numRuns: 25, seed: 6 });
});
