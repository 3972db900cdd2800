import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ops } from '@polymodal/autograd';
import { float32 } from '../test/problems.js';
import { initialize, zeros } from './initialize.js';
import { gelu, linear, sequential } from './layers.js';
import { layer } from './module.js';
import { freeze, hashParameters, summary } from './summary.js';

const model = sequential(linear(768, 2048), gelu(), linear(2048, 4, { bias: false }));

test('summary lists names, shapes, counts and what is frozen', () => {
  expect(summary(model)).toBe(`parameter  shape            count
---------------------------------
0.weight   [2048, 768]  1,572,864
0.bias     [2048]           2,048
2.weight   [4, 2048]        8,192
1,583,104 parameters (6.0 MiB in float32)`);
  expect(summary(model, { trainable: freeze('0') })).toBe(`parameter  shape            count
-----------------------------------------
0.weight   [2048, 768]  1,572,864  frozen
0.bias     [2048]           2,048  frozen
2.weight   [4, 2048]        8,192
1,583,104 parameters: 8,192 trainable, 1,574,912 frozen (6.0 MiB in float32)`);
});

test('summary of a model of 2 GB takes no memory for it, and of one without parameters says so', () => {
  const large = ops.parameter([1 << 15, 1 << 14], zeros);
  expect(summary(layer({ large }, () => large))).toContain('536,870,912 parameters (2.0 GiB in float32)');
  expect(summary(gelu())).toMatch(/^parameter {2}shape {2}count\n-+\n0 parameters \(0 B in float32\)$/);
});

test.each([
  ['a name', 'tower', ['towers.bias', 'head.tower']],
  ['a pattern', /^tower\./g, ['tower', 'towers.bias', 'head.tower']],
  ['a function', (name: string) => name.length < 8, ['tower.weight', 'towers.bias', 'head.tower']],
])('freeze by %s', (_, frozen, left) => {
  expect(['tower', 'tower.weight', 'towers.bias', 'head.tower'].filter(freeze(frozen))).toEqual(left);
});

describe('hashParameters', () => {
  const weights = new Map([
    ['b', float32([2], [1, 2])],
    ['a', float32([1, 1], [3])],
  ]);

  test('is sha256 over sorted names, shapes and bytes', () => {
    const hash = createHash('sha256').update('["a",[1,1]]').update(Float32Array.of(3)).update('["b",[2]]').update(Float32Array.of(1, 2));
    expect(hashParameters(weights)).toBe(hash.digest('hex'));
    expect(hashParameters(new Map([...weights].reverse()))).toBe(hashParameters(weights));
  });

  test('tells names, shapes, signs of zero and what is left out apart', () => {
    const changed = [
      new Map(weights).set('b', float32([2], [1, 2 + 2 ** -22])),
      new Map(weights).set('b', float32([1, 2], [1, 2])),
      new Map([...weights].map(([name, value]) => [`${name}.weight`, value])),
      new Map(weights).set('c', float32([0], [])),
      new Map(weights).set('b', float32([2], [1, 0])),
      new Map(weights).set('b', float32([2], [1, -0])),
    ];
    expect(new Set([weights, ...changed].map((one) => hashParameters(one))).size).toBe(7);
    const other = new Map(weights).set('b', float32([2], [9, 9]));
    expect(hashParameters(other, (name) => name === 'a')).toBe(hashParameters(weights, (name) => name === 'a'));
    expect(hashParameters(initialize(linear(3, 2), 1))).not.toBe(hashParameters(initialize(linear(3, 2), 2)));
  });
});
