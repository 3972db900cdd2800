import { describe, expect, test } from '@jest/globals';
import { createRandom, type Initializer } from '@polymodal/autograd';
import { bitsOf } from '../test/problems.js';
import { constantValue, fanInUniform, heNormal, initialize, normal, ones, uniform, xavierUniform, zeros } from './initialize.js';
import { gelu, linear, sequential } from './layers.js';

const { abs, max, sqrt } = Math;

/** Mean, standard deviation and largest absolute value of 8,192 draws. */
function moments(initializer: Initializer, dims: readonly number[]) {
  const data = initializer(dims, createRandom(21));
  expect(data).toHaveLength(dims.reduce((n, dim) => n * dim, 1));
  const mean = data.reduce((total, x) => total + x, 0) / data.length;
  const deviation = sqrt(data.reduce((total, x) => total + (x - mean) ** 2, 0) / data.length);
  return { mean, deviation, largest: data.reduce((peak, x) => max(peak, abs(x)), 0) };
}

describe('initialisers', () => {
  const matrix = [64, 128];
  const kernel = [32, 16, 4, 4];
  test.each<[string, Initializer, readonly number[], number]>([
    ['normal', normal(0.3), matrix, 0.3],
    ['heNormal of a matrix', heNormal, matrix, sqrt(2 / 128)],
    ['heNormal of a kernel', heNormal, kernel, sqrt(2 / (16 * 16))],
  ])('%s has the deviation that it says, and tails', (_, initializer, dims, deviation) => {
    const found = moments(initializer, dims);
    expect(abs(found.mean) / deviation).toBeLessThan(0.05);
    expect(found.deviation / deviation).toBeCloseTo(1, 1);
    expect(found.largest / deviation).toBeGreaterThan(3);
  });

  test.each<[string, Initializer, readonly number[], number]>([
    ['uniform', uniform(0.7), matrix, 0.7],
    ['fanInUniform of a matrix', fanInUniform, matrix, 1 / sqrt(128)],
    ['fanInUniform of a kernel', fanInUniform, kernel, 1 / sqrt(16 * 16)],
    ['xavierUniform of a matrix', xavierUniform, matrix, sqrt(6 / (64 + 128))],
    ['xavierUniform of a kernel', xavierUniform, kernel, sqrt(6 / ((16 + 32) * 16))],
  ])('%s fills its bounds evenly', (_, initializer, dims, bound) => {
    const found = moments(initializer, dims);
    expect(abs(found.mean) / bound).toBeLessThan(0.03);
    expect(found.deviation / bound).toBeCloseTo(1 / sqrt(3), 1);
    expect(found.largest).toBeLessThanOrEqual(bound * (1 + 1e-6));
    expect(found.largest / bound).toBeGreaterThan(0.99);
  });

  test('constants are constant', () => {
    for (const [initializer, value] of [
      [zeros, 0],
      [ones, 1],
      [constantValue(2.5), 2.5],
    ] as const)
      expect([...initializer([2, 2], createRandom(1))]).toEqual([value, value, value, value]);
  });
});

describe('initialize', () => {
  test('gives every parameter a value of its shape', () => {
    const weights = initialize(sequential(linear(3, 4), gelu(), linear(4, 2, { bias: false })), 1);
    expect([...weights].map(([name, { type, dims, data }]) => [name, type, dims, data.length])).toEqual([
      ['0.weight', 'float32', [4, 3], 12],
      ['0.bias', 'float32', [4], 4],
      ['2.weight', 'float32', [2, 4], 8],
    ]);
  });

  test('is set by the seed; another layer does not change the others', () => {
    const small = () => sequential(linear(3, 4), linear(4, 2));
    const first = bitsOf(initialize(small(), 5));
    expect(bitsOf(initialize(small(), 5))).toEqual(first);
    expect(bitsOf(initialize(small(), 6))).not.toEqual(first);
    expect(bitsOf(initialize(sequential(linear(3, 4), linear(4, 2), linear(2, 9)), 5))).toMatchObject(first);
    expect(first['0.weight']).not.toEqual(first['1.weight']);
  });
});
