import { describe, expect, test } from '@jest/globals';
import { createRandom, evaluate, ops } from '@polymodal/autograd';
import fc from 'fast-check';
import { float32 } from '../test/problems.js';
import { zeros } from './initialize.js';
import { adam, adamW, lion, muon, sgd } from './optimizer.js';

const { sqrt, hypot } = Math;

/** Singular values of a [rows, columns] matrix by one-sided Jacobi rotations of its rows (rows ≤ columns). */
function singularValues(matrix: ArrayLike<number>, rows: number, columns: number): number[] {
  const a = Array.from({ length: rows }, (_, r) => Float64Array.from({ length: columns }, (__, c) => matrix[r * columns + c]!));
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((total, value, i) => total + value * y[i]!, 0);
  for (let sweep = 0; sweep < 30; sweep++)
    for (let i = 0; i < rows; i++)
      for (let j = i + 1; j < rows; j++) {
        const [x, y] = [a[i]!, a[j]!];
        const xy = dot(x, y);
        if (xy * xy < 1e-24 * dot(x, x) * dot(y, y)) continue;
        const zeta = (dot(y, y) - dot(x, x)) / (2 * xy);
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + hypot(1, zeta));
        const c = 1 / hypot(1, t);
        a[i] = x.map((value, k) => c * (value - t * y[k]!));
        a[j] = y.map((value, k) => c * (value + t * x[k]!));
      }
  return a.map((row) => sqrt(dot(row, row))).sort((x, y) => x - y);
}

/** What muon at rate 1 subtracts from a weight with this gradient in its first step. */
function direction(gradient: ArrayLike<number>, dims: readonly number[]): Float64Array {
  const tensor = ops.constant(float32(dims, Array.from(gradient)));
  const none = ops.constant(float32(dims, new Float32Array(gradient.length)));
  const one = ops.constant(1);
  const { value } = muon({ learningRate: 1 }).update(none, tensor, { momentum: none }, { rate: one, keep: one }, false);
  return evaluate([value])[0]!.data.map((x) => -x);
}

const normals = (count: number, seed: number) => {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => random.normal());
};

function transposed(matrix: ArrayLike<number>, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
}

describe('muon', () => {
  test('singularValues() itself finds those of a matrix that has known ones', () => {
    // diag(3, 2) turned by 30° on both sides.
    const [c, s] = [sqrt(3) / 2, 0.5];
    const matrix = [3 * c * c + 2 * s * s, c * s, c * s, 3 * s * s + 2 * c * c];
    expect(singularValues(matrix, 2, 2)).toEqual([expect.closeTo(2, 9), expect.closeTo(3, 9)]);
  });

  test.each([
    ['wide', 8, 24],
    ['tall', 24, 8],
    ['a row', 1, 16],
  ])('moves along a %s matrix whose singular values are near 1, at any scale of the gradient', (_, rows, columns) => {
    for (const scale of [1e-4, 1, 1e4])
      for (const seed of [1, 2, 3]) {
        const gradient = normals(rows * columns, seed).map((x) => x * scale);
        const moved = direction(gradient, [rows, columns]);
        const grown = sqrt(Math.max(1, rows / columns));
        const wide = rows <= columns ? moved : transposed(moved, rows, columns);
        for (const value of singularValues(wide, Math.min(rows, columns), Math.max(rows, columns))) {
          expect(value / grown).toBeGreaterThan(0.6);
          expect(value / grown).toBeLessThan(1.3);
        }
        // Downhill: along the gradient, not against it.
        expect(moved.reduce((total, x, i) => total + x * gradient[i]!, 0)).toBeGreaterThan(0);
      }
  });

  test('reads a kernel [out, in, height, width] as a matrix [out, in · height · width]', () => {
    const gradient = normals(6 * 2 * 3 * 2, 9);
    expect([...direction(gradient, [6, 2, 3, 2])]).toEqual([...direction(gradient, [6, 12])]);
  });

  test('a gradient of zeros moves nothing', () => {
    expect(direction(new Float64Array(12), [3, 4]).every((x) => x === 0)).toBe(true);
  });
});

describe('adamW', () => {
  test('moves a weight by the rate in its first step, whatever the size of the gradient', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.double({ min: 1e-5, max: 1, noNaN: true }), (size, rate) => {
        const { update, scalarsAt } = adamW({ learningRate: rate });
        const none = ops.constant(float32([1], [0]));
        const scalars = Object.fromEntries(Object.entries(scalarsAt(0, rate)).map(([name, value]) => [name, ops.constant(value)]));
        const { value } = update(none, ops.constant(float32([1], [size])), { momentum: none, variance: none }, scalars, true);
        expect(evaluate([value])[0]!.data[0]! / -rate).toBeCloseTo(1, 4);
      }),
      { numRuns: 50, seed: 4 },
    );
  });

  test('decays a weight by rate · weightDecay of it', () => {
    const { update, scalarsAt } = adamW({ learningRate: 0.1, weightDecay: 0.25 });
    const scalars = Object.fromEntries(Object.entries(scalarsAt(0, 0.1)).map(([name, value]) => [name, ops.constant(value)]));
    const p = ops.parameter([1], zeros);
    const none = ops.constant(float32([1], [0]));
    const { value } = update(p, none, { momentum: none, variance: none }, scalars, true);
    expect(evaluate([value], { parameters: new Map([[p, float32([1], [4])]]) })[0]!.data[0]).toBeCloseTo(4 - 0.1, 6);
  });
});

test.each([
  ['no rate', () => sgd({} as never), "'learningRate' is undefined"],
  ['a rate below 0', () => adamW({ learningRate: -1 }), "'learningRate' is -1"],
  ['a beta of 1', () => adamW({ learningRate: 1, betas: [0.9, 1] }), "'betas[1]' is 1"],
  ['a beta below 0', () => lion({ learningRate: 1, betas: [-0.9, 0.99] }), "'betas[0]' is -0.9"],
  ['an epsilon below 0', () => adam({ learningRate: 1, epsilon: -1e-8 }), "'epsilon' is -1e-8"],
  ['a decay that is no number', () => adam({ learningRate: 1, weightDecay: Number.NaN }), "'weightDecay' is NaN"],
  ['a momentum of 1', () => muon({ learningRate: 1, momentum: 1 }), "'momentum' is 1"],
  ['a momentum of 2', () => sgd({ learningRate: 1, momentum: 2 }), "'momentum' is 2"],
  ['a look ahead without momentum', () => sgd({ learningRate: 1, nesterov: true }), "'nesterov' is set without a momentum"],
])('%s is refused', (_, build, message) => {
  expect(build).toThrow(
    expect.objectContaining({ name: 'TrainingError', code: 'TRAIN_OPTIONS', message: expect.stringContaining(message) }),
  );
});
