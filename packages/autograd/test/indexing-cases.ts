import * as ops from '../src/ops/index.js';
import { type Case, ids } from './operator-case.js';

/** Gathering, scattering, padding and joining for the table of operators.test.ts. */
export function indexingCases(): Case[] {
  const pads = [
    [1, 2],
    [0, 0],
    [2, 1],
  ] as const;
  return [
    { name: 'gather (second axis)', shapes: [[2, 4, 3]], build: (x) => ops.gather(x, ids([3, 0, 3]), 1) },
    { name: 'gather (last axis, indices of two axes)', shapes: [[2, 3, 4]], build: (x) => ops.gather(x, ids([3, 0, 3, 1], [2, 2]), -1) },
    { name: 'gather (one index)', shapes: [[2, 3, 4]], build: (x) => ops.gather(x, ids([2], []), 1) },
    {
      name: 'scatterAdd',
      shapes: [
        [4, 2],
        [2, 2, 2],
      ],
      build: (table, updates) => ops.scatterAdd(table, ids([3, 0, 3, 1], [2, 2]), updates),
    },
    { name: 'takeAlong', shapes: [[2, 3]], build: (x) => ops.takeAlong(x, ids([2, 2, 0, 1], [2, 2])) },
    { name: 'takeAlong (first axis)', shapes: [[3, 2]], build: (x) => ops.takeAlong(x, ids([2, 0, 1, 1, 0, 2, 2, 2], [4, 2]), 0) },
    {
      name: 'addAlong',
      shapes: [
        [2, 3],
        [2, 4],
      ],
      build: (x, updates) => ops.addAlong(x, ids([0, 2, 2, 1, 1, 1, 1, 0], [2, 4]), updates),
    },
    { name: 'pad (reflect)', shapes: [[3, 2, 4]], build: (x) => ops.pad(x, pads, { mode: 'reflect' }) },
    { name: 'pad (replicate)', shapes: [[3, 2, 4]], build: (x) => ops.pad(x, pads, { mode: 'replicate' }) },
    { name: 'pad (a constant)', shapes: [[3, 2, 4]], build: (x) => ops.pad(x, pads, { value: -1.5 }) },
    { name: 'flip', shapes: [[2, 3, 2]], build: (x) => ops.flip(x, 1) },
    {
      name: 'stack',
      shapes: [
        [2, 3],
        [2, 3],
      ],
      build: (a, b) => ops.stack([a, b, a], 1),
    },
    {
      name: 'split',
      shapes: [[2, 6]],
      build: (x) => {
        const [a, b, c] = ops.split(x, 3) as [typeof x, typeof x, typeof x];
        return ops.mul(ops.mul(a, b), c);
      },
    },
    { name: 'split (sizes)', shapes: [[5, 2]], build: (x) => ops.concat(ops.split(x, [1, 3, 1], 0).reverse(), 0) },
    { name: 'squeeze', shapes: [[2, 1, 3]], build: (x) => ops.squeeze(x, 1) },
  ];
}

/** Products by the names of axes. */
export function einsumCases(): Case[] {
  const row = (equation: string, ...shapes: number[][]): Case => ({
    name: `einsum '${equation}'`,
    shapes,
    build: (...inputs) => ops.einsum(equation, ...inputs),
  });
  return [
    row('ij,jk->ik', [2, 3], [3, 4]),
    row('bhqd,bhkd->bhqk', [2, 2, 3, 2], [2, 2, 4, 2]),
    row('bqhd,bkhd->bhqk', [2, 3, 2, 2], [2, 4, 2, 2]),
    row('bhqk,bkhd->bqhd', [2, 2, 3, 4], [2, 4, 2, 2]),
    row('ij->ji', [2, 3]),
    row('ij', [2, 3]),
    row('ji', [2, 3]),
    row('ij->', [2, 3]),
    row('ii->i', [3, 3]),
    row('ii', [3, 3]),
    row('i,j->ij', [2], [3]),
    row('i,i', [3], [3]),
    row('ij,ij->i', [2, 3], [2, 3]),
    row('abc,cd,de->abe', [2, 2, 3], [3, 2], [2, 4]),
    row('bnc,bmc,nm->b', [2, 3, 2], [2, 4, 2], [3, 4]),
    row('abcd,cdef->abef', [2, 2, 3, 2], [3, 2, 2, 2]),
    row('...ij,...jk->...ik', [2, 1, 2, 3], [4, 3, 2]),
    row('...i,i->...', [2, 3, 4], [4]),
    row('ij,kj->k', [2, 3], [4, 3]),
    row('ij,jk', [2, 3], [1, 4]),
  ];
}
