import { afterAll, expect, test } from '@jest/globals';
import { evaluate, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { expectBlock, modelGolden } from '../../test/model-goldens.js';
import { initialize } from '../initialize.js';
import { namedParameters } from '../module.js';
import { residualBlock } from './residual-block.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

test("gives PyTorch's output and gradients", async () => {
  const golden = modelGolden('residual-block');
  const block = residualBlock({ inputs: 4, outputs: 6, groups: 2, timeWidth: 5 });
  const y = block(ops.constant(golden.tensor('x')), ops.constant(golden.tensor('time')));
  await expectBlock(backend, block, y, golden, 1e-4);
});

test('refuses a time that it does not take, or lacks', () => {
  const x = ops.input('x', 'float32', [1, 4, 2, 2]);
  const time = ops.input('time', 'float32', [1, 5]);
  const refused = (message: string) => expect.objectContaining({ code: 'NN_CONDITION', message: expect.stringContaining(message) });
  expect(() => residualBlock({ inputs: 4, groups: 2 })(x, time)).toThrow(refused("takes no 'time'"));
  expect(() => residualBlock({ inputs: 4, groups: 2, timeWidth: 5 })(x)).toThrow(refused("'time' is missing"));
});

test('starts as its shortcut: the identity where channels stay', () => {
  const block = residualBlock({ inputs: 4, groups: 2 });
  expect([...namedParameters(block).keys()].filter((name) => /time|shortcut/.test(name))).toEqual([]);
  const x = { type: 'float32', dims: [1, 4, 2, 2], data: Float32Array.from({ length: 16 }, (_, i) => i / 7) } as const;
  const start = initialize(block, 1);
  const [y] = evaluate([block(ops.constant(x))], {
    parameters: new Map([...namedParameters(block)].map(([name, node]) => [node, start.get(name)!])),
  });
  expect([...y!.data]).toEqual([...x.data]);
});
