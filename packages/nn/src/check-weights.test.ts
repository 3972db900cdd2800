import { describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import { checkWeights } from './check-weights.js';
import { CheckpointError } from './checkpoint-error.js';

const tensor = (dims: number[], values: number[]): TensorLike => ({ type: 'float32', dims, data: Float32Array.from(values) });
const expected = new Map([
  ['weight', [2, 1]],
  ['bias', [1]],
]);
const good = () =>
  new Map([
    ['weight', tensor([2, 1], [1, 2])],
    ['bias', tensor([1], [3])],
  ]);

function failure(tensors: ReadonlyMap<string, TensorLike>, dims: ReadonlyMap<string, readonly number[]> = expected): CheckpointError {
  try {
    checkWeights(tensors, dims);
  } catch (error) {
    if (error instanceof CheckpointError) return error;
    throw error;
  }
  throw new Error('the weights passed');
}

describe('checkWeights', () => {
  test('passes what fits', () => {
    expect(() => checkWeights(good(), expected)).not.toThrow();
  });

  test('names what is missing, and what is there instead', () => {
    const weights = good();
    weights.delete('bias');
    expect(failure(weights)).toMatchObject({ code: 'CHECKPOINT_MISSING', message: expect.stringContaining('lack "bias".') });
    weights.set('beta', tensor([1], [0]));
    expect(failure(weights).message).toContain('lack "bias", and hold "beta"');
  });

  test('names what is left over, five of them at most', () => {
    const weights = good();
    for (let i = 0; i < 7; i++) weights.set(`extra${i}`, tensor([], [0]));
    expect(failure(weights)).toMatchObject({ code: 'CHECKPOINT_UNEXPECTED', message: expect.stringContaining('"extra4" and 2 more') });
  });

  test('gives both shapes of a tensor that does not fit', () => {
    const transposed = good().set('weight', tensor([1, 2], [1, 2]));
    expect(failure(transposed)).toMatchObject({
      code: 'CHECKPOINT_SHAPE',
      message: expect.stringMatching(/"weight" has dims \[1, 2\].*expects \[2, 1\]/),
    });
    expect(failure(good().set('bias', tensor([1, 1], [1])))).toMatchObject({ code: 'CHECKPOINT_SHAPE' });
    expect(failure(good().set('bias', tensor([1], [1, 2])))).toMatchObject({ code: 'CHECKPOINT_SHAPE' });
  });

  test.each([Number.NaN, Infinity, -Infinity])('says where %p is', (value) => {
    const message = expect.stringContaining('"weight" has a NaN or an infinity at index 1');
    expect(failure(good().set('weight', tensor([2, 1], [0, value])))).toMatchObject({ code: 'CHECKPOINT_NOT_FINITE', message });
    const float64: TensorLike = { type: 'float64', dims: [2, 1], data: Float64Array.of(0, value) };
    expect(failure(good().set('weight', float64))).toMatchObject({ code: 'CHECKPOINT_NOT_FINITE', message });
  });

  test('reads half precision: the largest half passes, the infinity after it does not', () => {
    const half = (bits: number): TensorLike => ({ type: 'float16', dims: [1], data: Uint16Array.of(bits) });
    expect(() => checkWeights(good().set('bias', half(0x7bff)), expected)).not.toThrow();
    expect(failure(good().set('bias', half(0xfc00)))).toMatchObject({ code: 'CHECKPOINT_NOT_FINITE' });
  });
});
