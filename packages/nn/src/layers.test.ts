import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { evaluate, ops } from '@polymodal/autograd';
import { expectClose } from '../test/goldens.js';
import { float32 } from '../test/problems.js';
import { type ActivationName, activations } from './layers.js';

const { x, ...recorded } = JSON.parse(readFileSync(new URL('./goldens/activations.json', import.meta.url), 'utf8')) as Record<
  ActivationName | 'x',
  readonly number[]
>;

test('every activation is known to the original', () => {
  expect(Object.keys(activations).sort()).toEqual(Object.keys(recorded).sort());
});

test.each(Object.entries(recorded))("%s gives transformers' values", (name, expected) => {
  const [y] = evaluate([activations[name as ActivationName](ops.constant(float32([9], [...x])))]);
  expectClose(y!.data, expected, 1e-6);
});
