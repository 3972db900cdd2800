import { describe, expect, test } from '@jest/globals';
import type { Expr } from '../expr.js';
import { gradients } from '../gradients.js';
import * as ops from './index.js';

// What TypeScript forbids and plain JavaScript lets through; and sizes, which no type describes.

const x = ops.input('x', 'float32', [2, 3]);
const picture = ops.input('picture', 'float32', [1, 2, 4, 4]);
const tensor = { type: 'float32', dims: [2, 3], data: new Float32Array(6) };
/** What a batch holds under a misspelt name. */
const batch: Readonly<Record<string, never>> = {};

describe.each<[what: string, value: unknown, message: RegExp]>([
  ['a tensor of data', tensor, /is a tensor of data, float32 \[2, 3\], not an expression\. Take ops\.constant\(\)/],
  ['nothing', batch.targets, /is undefined, not an expression\. Check its name/],
])('%s in place of an expression', (_, value, message) => {
  const given = value as Expr;
  const calls: Readonly<Record<string, () => unknown>> = {
    exp: () => ops.exp(given),
    add: () => ops.add(x, given),
    where: () => ops.where(given, 1, 0),
    sum: () => ops.sum(given),
    argmax: () => ops.argmax(given),
    variance: () => ops.variance(given),
    reshape: () => ops.reshape(given, [6]),
    transpose: () => ops.transpose(given),
    expand: () => ops.expand(given, [2, 3]),
    expandDims: () => ops.expandDims(given, 0),
    slice: () => ops.slice(given, 0, 0, 1),
    flip: () => ops.flip(given, 0),
    pad: () => ops.pad(given, []),
    concat: () => ops.concat([x, given], 0),
    stack: () => ops.stack([x, given]),
    split: () => ops.split(given, 1),
    squeeze: () => ops.squeeze(given, 0),
    cast: () => ops.cast(given, 'int64'),
    straightThrough: () => ops.straightThrough(given, x),
    softmax: () => ops.softmax(given),
    gather: () => ops.gather(x, given),
    takeAlong: () => ops.takeAlong(given, x),
    topK: () => ops.topK(given, 1),
    sort: () => ops.sort(given),
    cumulativeSum: () => ops.cumulativeSum(given),
    matmul: () => ops.matmul(x, given),
    einsum: () => ops.einsum('ij->ji', given),
    attention: () => ops.attention(picture, picture, given),
    rotary: () => ops.rotary(given, ops.rotaryTables(2, 2)),
    relativeShift: () => ops.relativeShift(given),
    maxPool: () => ops.maxPool(given, { kernel: 2 }),
    upsampleNearest: () => ops.upsampleNearest(given, 2),
    upsampleLinear: () => ops.upsampleLinear(given, { size: 2 }),
    groupNorm: () => ops.groupNorm(given, x, x, 1),
    batchStatistics: () => ops.batchStatistics(given),
    glu: () => ops.glu(given),
    dropout: () => ops.dropout(given, { rate: 0.5, seed: 1 }),
    crossEntropy: () => ops.crossEntropy(x, given),
    meanSquaredError: () => ops.meanSquaredError(x, given),
    gradients: () => gradients(given, [x]),
  };
  test.each(Object.entries(calls))('%s', (name, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'AUTOGRAD_ARGUMENT', message: expect.stringMatching(message) }));
    expect(act).toThrow(expect.objectContaining({ message: expect.stringContaining(`${name}: `) }));
  });
});

/** Past TypeScript. */
const any = <T>(value: unknown): T => value as T;
const scores = ops.zeros([1, 2, 3, 4]);

test.each<[what: string, act: () => unknown, code: string, message: RegExp]>([
  ['sizes that are none', () => ops.input('x', 'float32', [-1, 2.5]), 'AUTOGRAD_SHAPE', /input: \[-1, 2\.5\] is not a shape/],
  ['a size without a name', () => ops.input('x', 'float32', ['']), 'AUTOGRAD_SHAPE', /input: \[\] is not a shape/],
  [
    'a type that is none',
    () => ops.input('x', any('floaty'), [1]),
    'AUTOGRAD_TYPE',
    /'floaty' is not an element type\. Use one of float32/,
  ],
  ['a cast to no type', () => ops.cast(x, any('float')), 'AUTOGRAD_TYPE', /cast: 'float' is not/],
  ['an array', () => ops.constant(any([1, 2])), 'AUTOGRAD_ARGUMENT', /constant: an array is not a tensor\. Give a number/],
  [
    'data in a plain array',
    () => ops.constant(any({ type: 'float32', dims: [2], data: [1, 2] })),
    'AUTOGRAD_TYPE',
    /data of float32 are in a Array\. Give a Float32Array/,
  ],
  [
    'data of another type',
    () => ops.constant(any({ type: 'int64', dims: [2], data: new Float32Array(2) })),
    'AUTOGRAD_TYPE',
    /data of int64 are in a Float32Array\. Give a BigInt64Array/,
  ],
  [
    'sizes below zero',
    () => ops.constant({ type: 'float32', dims: [-1, -2], data: new Float32Array(2) }),
    'AUTOGRAD_SHAPE',
    /constant: \[-1, -2\] is not a shape/,
  ],
  ['fewer zeros than none', () => ops.zeros([-1]), 'AUTOGRAD_SHAPE', /zeros: \[-1\]/],
  ['a range of half a number', () => ops.range(1.5), 'AUTOGRAD_SHAPE', /range: \[1\.5\]/],
  ['a parameter without sizes', () => ops.parameter(any([undefined, 3]), any(0)), 'AUTOGRAD_SHAPE', /\[undefined, 3\] is not a shape/],
  ['bounds as numbers', () => ops.clamp(x, any(0)), 'AUTOGRAD_ARGUMENT', /clamp: the bounds are 0\. Give \{ minimum, maximum \}/],
  ['a bound that is no number', () => ops.clamp(x, { minimum: Number.NaN }), 'AUTOGRAD_ARGUMENT', /NaN and Infinity/],
  ['pads that take away', () => ops.pad(ops.zeros([3]), [[-1, 0]]), 'AUTOGRAD_SHAPE', /whole numbers from 0 on; slice\(\) takes/],
  ['half a pad', () => ops.pad(ops.zeros([3]), [[0.5, 0]]), 'AUTOGRAD_SHAPE', /\[\[0\.5,0\]\] for \[3\]/],
  ['dropout without a seed', () => ops.dropout(x, any({ rate: 0.5 })), 'AUTOGRAD_ARGUMENT', /dropout: the seed is undefined/],
  ['normal numbers of unknown size', () => ops.randomNormal(any(['batch']), { seed: 1 }), 'AUTOGRAD_SHAPE', /randomNormal: .* \[batch\]/],
  ['two results of a sum of products', () => ops.einsum('ij->i->i', x), 'AUTOGRAD_EINSUM', /more than one '->'/],
  ['a window larger than the picture', () => ops.maxPool(picture, { kernel: 5 }), 'AUTOGRAD_SHAPE', /^maxPool: /],
  [
    'a mask for other scores',
    () => ops.attention(scores, scores, scores, { mask: ops.cast(ops.zeros([7, 3, 3]), 'bool') }),
    'AUTOGRAD_SHAPE',
    /attention \(mask\): \[7, 3, 3\] and \[1, 2, 3, 3\]/,
  ],
  ['sums of truth', () => ops.add(ops.less(x, 1), ops.less(x, 2)), 'AUTOGRAD_TYPE', /add: operands are bool and bool\. Cast them/],
  ['how often something holds', () => ops.sum(ops.less(x, 1)), 'AUTOGRAD_TYPE', /sum: the operand is bool \[2, 3\]\. Cast it/],
])('refuses %s', (_, act, code, message) => {
  expect(act).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});
