import { expect, test } from '@jest/globals';
import { AutogradError, gradients, ops } from '../src/index.js';

const x = ops.input('x', 'float32', [2, 3]);

function thrownBy(act: () => unknown): AutogradError {
  try {
    act();
  } catch (error) {
    if (error instanceof AutogradError) return error;
  }
  throw new Error('no AutogradError was thrown');
}

/** The line below the one that calls it. */
const nextLine = () => Number(/model-line\.test\.ts:(\d+)/.exec(new Error().stack!.split('\n')[2]!)![1]) + 1;

test('an error names the operator, the shapes and the line of the model that built it', () => {
  const line = nextLine();
  const error = thrownBy(() => ops.matmul(x, x));
  expect(error.message).toMatch(/^matmul: \[2, 3\] · \[2, 3\]/);
  expect(error.at).toMatch(new RegExp(`model-line\\.test\\.ts:${line}:\\d+$`));
  expect(error.message.endsWith(`(at ${error.at})`)).toBe(true);
});

test('also where layers are nested deeper than the stack that an engine keeps', () => {
  const limit = Error.stackTraceLimit;
  const nested = (depth: number): unknown => (depth === 0 ? ops.einsum('ij,ij->i', x, ops.zeros([2, 2])) : nested(depth - 1));
  expect(thrownBy(() => nested(30)).at).toContain('model-line.test.ts');
  expect(Error.stackTraceLimit).toBe(limit);
});

test('and where a gradient is refused', () => {
  expect(thrownBy(() => gradients(x, [x])).at).toContain('model-line.test.ts');
});
