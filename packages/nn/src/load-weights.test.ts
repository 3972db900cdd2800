import { describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import { linear, sequential } from './layers.js';
import { loadWeights } from './load-weights.js';

const model = sequential(linear(2, 3), linear(3, 1));
const tensor = (dims: number[], type: 'float32' | 'float64' | 'float16' = 'float32'): TensorLike => {
  const count = dims.reduce((a, b) => a * b, 1);
  const ones = new Array<number>(count).fill(1);
  if (type === 'float16') return { type, dims, data: Uint16Array.from(ones, () => 0x3c00) };
  return type === 'float64' ? { type, dims, data: Float64Array.from(ones) } : { type, dims, data: Float32Array.from(ones) };
};
const good = () =>
  new Map<string, TensorLike>([
    ['0.weight', tensor([3, 2], 'float16')],
    ['0.bias', tensor([3], 'float64')],
    ['1.weight', tensor([1, 3])],
    ['1.bias', tensor([1])],
  ]);

describe('loadWeights', () => {
  test('gives float32, whatever floats the file holds', () => {
    const { weights, ...report } = loadWeights(model, good());
    expect(report).toEqual({ missing: [], unexpected: [], misshapen: [] });
    for (const { type, data } of weights.values()) expect([type, new Set(data)]).toEqual(['float32', new Set([1])]);
    expect([...weights.keys()]).toEqual([...good().keys()]);
  });

  const bad = () => {
    const tensors = good()
      .set('0.weight', tensor([2, 3]))
      .set('1.bias', tensor([2]))
      .set('head', tensor([]));
    tensors.delete('0.bias');
    return tensors;
  };

  test('names all that is amiss in one error', () => {
    const message =
      'The weights lack "0.bias", and hold "head", which the model has not. "0.weight" has dims [2, 3] and 6 elements, but the model expects [3, 2]; ' +
      '"1.bias" has dims [2] and 2 elements, but the model expects [1].';
    expect(() => loadWeights(model, bad())).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_MISSING', message: expect.stringContaining(message) }),
    );
  });

  test('reports it instead where that is asked for, and loads the rest', () => {
    const { weights, ...report } = loadWeights(model, bad(), { strict: false });
    expect([...weights.keys()]).toEqual(['1.weight']);
    expect(report).toEqual({
      missing: ['0.bias'],
      unexpected: ['head'],
      misshapen: [
        { name: '0.weight', dims: [2, 3], elements: 6, expected: [3, 2] },
        { name: '1.bias', dims: [2], elements: 2, expected: [1] },
      ],
    });
  });

  test('leaves out what it is told to ignore', () => {
    const ids: TensorLike = { type: 'int64', dims: [1], data: BigInt64Array.of(0n) };
    const tensors = good().set('position_ids', ids);
    expect(() => loadWeights(model, tensors)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_UNEXPECTED' }));
    expect(loadWeights(model, tensors, { ignore: (name) => name === 'position_ids' }).weights.size).toBe(4);
  });

  test('refuses integers and numbers that are not finite, strict or not', () => {
    const integers = good().set('1.bias', { type: 'int32', dims: [1], data: Int32Array.of(1) });
    const infinite = good().set('1.bias', { type: 'float64', dims: [1], data: Float64Array.of(1e300) });
    for (const strict of [true, false]) {
      expect(() => loadWeights(model, integers, { strict })).toThrow(expect.objectContaining({ code: 'CHECKPOINT_DTYPE' }));
      // Beyond float32.
      expect(() => loadWeights(model, infinite, { strict })).toThrow(expect.objectContaining({ code: 'CHECKPOINT_NOT_FINITE' }));
    }
  });
});
