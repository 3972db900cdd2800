import { expect, test } from '@jest/globals';
import { evaluate } from '../evaluate.js';
import * as ops from './index.js';

test('a rest that is all there is has a window, as of PyTorch with ceil_mode', () => {
  const x = ops.constant({ type: 'float32', dims: [1, 1, 5, 2], data: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) });
  const options = { kernel: [1, 4], stride: [4, 3] };
  expect(() => ops.maxPool(x, options)).toThrow('a kernel of 4');
  const [largest, mean] = evaluate([ops.maxPool(x, { ...options, ceil: true }), ops.averagePool(x, { ...options, ceil: true })]);
  expect([largest!.dims, mean!.dims]).toEqual([
    [1, 1, 2, 1],
    [1, 1, 2, 1],
  ]);
  expect([[...largest!.data], [...mean!.data]]).toEqual([
    [2, 10],
    [1.5, 9.5],
  ]);
  // Of a smaller step none would start in the input.
  expect(() => ops.maxPool(x, { kernel: [1, 4], stride: [4, 2], ceil: true })).toThrow('a kernel of 4');
});
