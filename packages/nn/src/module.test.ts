import { describe, expect, test } from '@jest/globals';
import { ops } from '@polymodal/autograd';
import fc from 'fast-check';
import { zeros } from './initialize.js';
import { gelu, linear, moduleList, sequential } from './layers.js';
import { layer, type ModuleTree, namedParameters, parameterCount } from './module.js';
import { transformerBlock } from './transformer.js';

const leaf = () => ops.parameter([2], zeros);

/** Trees of parameters up to three levels deep, with the names that they should give. */
const trees: fc.Arbitrary<{ tree: ModuleTree; names: string[] }> = fc.letrec<{ node: { tree: ModuleTree; names: string[] } }>((tie) => ({
  node: fc
    .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.option(tie('node'), { nil: undefined, depthSize: 'small', maxDepth: 3 }), {
      maxKeys: 4,
    })
    .map((children) => {
      const tree: Record<string, ModuleTree[string]> = {};
      const names: string[] = [];
      for (const [name, child] of Object.entries(children)) {
        tree[name] = child === undefined ? leaf() : { tree: child.tree };
        names.push(...(child === undefined ? [name] : child.names.map((own) => `${name}.${own}`)));
      }
      return { tree, names };
    }),
})).node;

describe('namedParameters', () => {
  test('joins the names of the tree by dots, in its order', () => {
    fc.assert(
      fc.property(trees, ({ tree, names }) => {
        expect([...namedParameters({ tree }).keys()]).toEqual(names);
        expect(parameterCount({ tree })).toBe(2 * names.length);
      }),
      { numRuns: 200, seed: 6 },
    );
  });

  test('names layers as PyTorch would', () => {
    const model = layer(
      { stem: linear(2, 4, { bias: false }), blocks: moduleList([sequential(linear(4, 4), gelu(), linear(4, 1))]) },
      () => {},
    );
    expect([...namedParameters(model).keys()]).toEqual([
      'stem.weight',
      'blocks.0.0.weight',
      'blocks.0.0.bias',
      'blocks.0.2.weight',
      'blocks.0.2.bias',
    ]);
    expect(parameterCount(model)).toBe(8 + 20 + 5);
  });

  test('two parameters of one name are an error that names it', () => {
    expect(() => namedParameters({ tree: { 'a.b': leaf(), a: { tree: { b: leaf() } } } })).toThrow(
      expect.objectContaining({ name: 'TrainingError', code: 'NN_PARAMETER', message: expect.stringContaining("named 'a.b'") }),
    );
  });

  test('a parameter that is used twice is one, under its first name', () => {
    const shared = leaf();
    expect([...namedParameters({ tree: { input: shared, absent: undefined, output: { tree: { weight: shared } } } }).keys()]).toEqual([
      'input',
    ]);
  });
});

test('a transformer block has the parameters of its parts', () => {
  const block = transformerBlock({ width: 8, heads: 2 });
  expect(parameterCount(block)).toBe(12 * 8 * 8 + 13 * 8);
  expect(block(ops.input('x', 'float32', [3, 5, 8])).dims).toEqual([3, 5, 8]);
});

test('heads that do not divide the width are an error', () => {
  expect(() => transformerBlock({ width: 10, heads: 3 })).toThrow(
    expect.objectContaining({ name: 'TrainingError', code: 'NN_HEADS', message: expect.stringContaining('width 10') }),
  );
});
