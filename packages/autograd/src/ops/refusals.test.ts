import { expect, test } from '@jest/globals';
import { evaluate } from '../evaluate.js';
import { gradients } from '../gradients.js';
import * as ops from './index.js';

// Convolutions refuse in convolution.test.ts, the oldest operators in errors.test.ts.

const x = ops.input('x', 'float32', [2, 3]);
const free = ops.input('free', 'float32', ['batch', 3]);
const ids = ops.input('ids', 'int64', [2, 1]);

test.each<[what: string, act: () => unknown, code: string, message: RegExp]>([
  ['a value of another shape', () => ops.straightThrough(x, ops.zeros([3])), 'AUTOGRAD_SHAPE', /\[2, 3\].*\[3\]/],
  ['bounds the wrong way round', () => ops.clamp(x, { minimum: 1, maximum: 0 }), 'AUTOGRAD_ARGUMENT', /1 and 0/],
  ['halves of an odd size', () => ops.glu(x), 'AUTOGRAD_SHAPE', /axis -1 of \[2, 3\]/],
  ['an estimate from one value', () => ops.variance(ops.zeros([1, 3]), 0, { correction: 1 }), 'AUTOGRAD_SHAPE', /1 values/],
  [
    'statistics of one value per channel',
    () => ops.batchStatistics(ops.zeros([1, 3])),
    'AUTOGRAD_SHAPE',
    /\[1, 3\] has 1 values per channel/,
  ],
  ['more than there are', () => ops.topK(x, 4), 'AUTOGRAD_SHAPE', /4 of axis -1 of \[2, 3\]/],
  ['none at all', () => ops.topK(x, 0), 'AUTOGRAD_SHAPE', /at least one/],
  ['indices that are no integers', () => ops.takeAlong(x, x), 'AUTOGRAD_TYPE', /takeAlong: indices are float32/],
  ['indices of another shape', () => ops.takeAlong(x, ids, 0), 'AUTOGRAD_SHAPE', /indices \[2, 1\] do not fit \[2, 3\]/],
  ['updates of another shape', () => ops.addAlong(x, ids, ops.zeros([2, 2])), 'AUTOGRAD_SHAPE', /one update per index/],
  [
    'rows of another width',
    () => ops.scatterAdd(x, ids, ops.zeros([2, 1, 2])),
    'AUTOGRAD_SHAPE',
    /updates \[2, 1, 2\] at \[2, 1\] into \[2, 3\]/,
  ],
  ['an axis outside the table', () => ops.gather(x, ids, 2), 'AUTOGRAD_SHAPE', /gather: axis 2/],
  ['a stack of two shapes', () => ops.stack([x, free]), 'AUTOGRAD_SHAPE', /\[batch, 3\].*does not stack on \[2, 3\]/],
  ['a stack of nothing', () => ops.stack([]), 'AUTOGRAD_SHAPE', /no tensors/],
  ['joining along an axis of unknown size', () => ops.concat([free, free], 0), 'AUTOGRAD_SHAPE', /sum of \[batch,batch\].*size: 'total'/],
  ['a sum that is none', () => ops.concat([x, x], 1, { size: 7 }), 'AUTOGRAD_SHAPE', /\[3,3\] add up to 6, not to 7/],
  [
    'the gradient of a join of unknown size',
    () => gradients(ops.sum(ops.concat([free, x], 0, { size: 'total' })), [x]),
    'AUTOGRAD_SHAPE',
    /concat: its gradient needs sizes along axis 0/,
  ],
  ['an integer divided by zero', () => evaluate([ops.div(ops.range(2), 0)]), 'AUTOGRAD_ARGUMENT', /div: an integer is divided by zero/],
  ['the mean of integers', () => ops.mean(ids), 'AUTOGRAD_TYPE', /mean: operands are int64/],
  [
    'half of an integer',
    () => ops.mul(ids, 0.5),
    'AUTOGRAD_TYPE',
    /mul: the number 0\.5 with a tensor of int64.*Cast the tensor to float32/,
  ],
  ['what 32 bits do not hold', () => ops.less(ops.cast(ids, 'int32'), 3e9), 'AUTOGRAD_TYPE', /less: the number 3000000000 .* int32/],
  ['an integer that is none', () => ops.where(ops.less(ids, 1), ids, Number.NaN), 'AUTOGRAD_TYPE', /where: the number NaN/],
  ['unequal pieces', () => ops.split(x, 2), 'AUTOGRAD_SHAPE', /axis -1 of \[2, 3\] does not fall into 2 equal pieces/],
  ['pieces that do not add up', () => ops.split(x, [1, 1]), 'AUTOGRAD_SHAPE', /\[1,1\]/],
  ['dropping an axis with elements', () => ops.squeeze(x, 1), 'AUTOGRAD_SHAPE', /axis 1 of \[2, 3\]/],
  [
    'a mirror longer than the axis',
    () =>
      ops.pad(
        x,
        [
          [0, 0],
          [3, 0],
        ],
        { mode: 'reflect' },
      ),
    'AUTOGRAD_SHAPE',
    /axis 1 of \[2, 3\]/,
  ],
  ['too few pads', () => ops.pad(x, [[1, 1]], { value: 1 }), 'AUTOGRAD_SHAPE', /one \[before, after\] per axis/],
  [
    'padding an axis of unknown size',
    () =>
      ops.pad(
        free,
        [
          [1, 0],
          [0, 0],
        ],
        { value: 1 },
      ),
    'AUTOGRAD_SHAPE',
    /axis 0 of \[batch, 3\]/,
  ],
  ['padding integers with a number', () => ops.pad(ops.range(2), [[1, 1]], { value: 1 }), 'AUTOGRAD_TYPE', /int64/],
  ['too few operands', () => ops.einsum('ij,jk->ik', x), 'AUTOGRAD_EINSUM', /names 2 operands, and 1 were given/],
  ['letters for other axes', () => ops.einsum('ijk->i', x), 'AUTOGRAD_EINSUM', /'ijk' does not have the axes of \[2, 3\]/],
  ['what is no letter', () => ops.einsum('i1->i', x), 'AUTOGRAD_EINSUM', /not a list of axes/],
  ['an axis that no operand has', () => ops.einsum('ij->ik', x), 'AUTOGRAD_EINSUM', /no operand has/],
  ['a diagonal of no square', () => ops.einsum('ii->i', x), 'AUTOGRAD_EINSUM', /two sizes/],
  ['one letter of two sizes', () => ops.einsum('ij,ij->i', x, ops.zeros([2, 2])), 'AUTOGRAD_SHAPE', /'j' is 3 in \[2, 3\], but 2/],
])('refuses %s', (_, act, code, message) => {
  expect(act).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});

test.each(['floor', 'ceil', 'round'] as const)('%s has no gradient, and says what to do', (name) => {
  const step = { floor: ops.floor, ceil: ops.ceil, round: ops.round }[name];
  expect(() => gradients(ops.sum(step(x)), [x])).toThrow(
    expect.objectContaining({ code: 'AUTOGRAD_NOT_DIFFERENTIABLE', message: expect.stringContaining(`'${name}'`) }),
  );
});

test('an index outside the axis is found when the expression is evaluated', () => {
  const feeds = {
    x: { type: 'float32' as const, dims: [2, 3], data: new Float32Array(6) },
    ids: { type: 'int64' as const, dims: [2, 1], data: BigInt64Array.of(0n, 3n) },
  };
  expect(() => evaluate([ops.takeAlong(x, ids)], { inputs: feeds })).toThrow(
    expect.objectContaining({ code: 'AUTOGRAD_INDEX', message: expect.stringContaining('index 3 is outside axis 1 of [2, 3]') }),
  );
});

test('a sum of products over axes with a name and others keeps the name', () => {
  const y = ops.einsum('bij,bik->jk', ops.input('a', 'float32', ['batch', 2, 3]), ops.input('b', 'float32', ['batch', 2, 4]));
  const sample = (...dims: number[]) => ({
    type: 'float32' as const,
    dims,
    data: Float32Array.from({ length: dims.reduce((n, dim) => n * dim) }, (_, i) => i - 3),
  });
  const [a, b] = [sample(2, 2, 3), sample(2, 2, 4)];
  const [value] = evaluate([y], { inputs: { a, b } });
  expect(value!.dims).toEqual([3, 4]);
  const expected = Array.from({ length: 12 }, (_, at) => {
    let total = 0;
    for (let row = 0; row < 4; row++) total += a.data[row * 3 + Math.floor(at / 4)]! * b.data[row * 4 + (at % 4)]!;
    return total;
  });
  expect([...value!.data]).toEqual(expected);
});
