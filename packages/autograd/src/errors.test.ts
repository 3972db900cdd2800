import { describe, expect, test } from '@jest/globals';
import { PolymodalError } from '@polymodal/modality-registry';
import { AutogradError } from './errors.js';
import { evaluate } from './evaluate.js';
import { gradients } from './gradients.js';
import { emitOnnx } from './onnx/emit.js';
import { onnxBackend } from './onnx/onnx-backend.js';
import * as ops from './ops/index.js';

// Errors of a running backend are in onnx/backend.test.ts and onnx/in-worker.test.ts, those of evaluate() in evaluate.test.ts, those of shapes with each operator.

const x = ops.input('x', 'float32', [2, 3]);
const ids = ops.input('ids', 'int64', [2]);
const parameter = ops.parameter([2], () => new Float32Array(2));

describe.each<[code: string, what: string, act: () => unknown, message: RegExp]>([
  ['AUTOGRAD_SHAPE', 'shapes that do not broadcast', () => ops.add(x, ops.zeros([2])), /\[2, 3\] and \[2\] do not broadcast/],
  ['AUTOGRAD_SHAPE', 'an axis outside the tensor', () => ops.sum(x, 2), /axis 2 .* from -2 to 1/],
  ['AUTOGRAD_SHAPE', 'inner dimensions that differ', () => ops.matmul(x, x), /\[2, 3\] · \[2, 3\]/],
  ['AUTOGRAD_SHAPE', 'matrices without rows', () => ops.matmul(x, ops.zeros([3])), /at least two axes/],
  ['AUTOGRAD_SHAPE', 'a reshape that loses elements', () => ops.reshape(x, [4]), /does not have the elements/],
  ['AUTOGRAD_SHAPE', 'a reshape with two unknowns', () => ops.reshape(x, [-1, -1]), /cannot infer/],
  ['AUTOGRAD_SHAPE', 'no order of the axes', () => ops.transpose(x, [0, 0]), /not an order of the 2 axes/],
  ['AUTOGRAD_SHAPE', 'a stretch that does not fit', () => ops.expand(x, [4, 3]), /do not broadcast/],
  ['AUTOGRAD_SHAPE', 'a slice past the end', () => ops.slice(x, 1, 0, 4), /outside axis 1/],
  ['AUTOGRAD_SHAPE', 'nothing to join', () => ops.concat([], 0), /no tensors/],
  ['AUTOGRAD_SHAPE', 'tensors that do not join', () => ops.concat([x, ops.zeros([3, 3])], 1), /along axis 1/],
  ['AUTOGRAD_SHAPE', 'too few pads', () => ops.pad(x, [[0, 0]]), /\[\[0,0\]\] for \[2, 3\]\. Give one \[before, after\] per axis/],
  ['AUTOGRAD_SHAPE', 'scales of another width', () => ops.layerNorm(x, ops.zeros([2]), ops.zeros([3])), /last axis of \[2,3\]/],
  ['AUTOGRAD_SHAPE', 'groups that do not divide', () => ops.groupNorm(x, ops.zeros([3]), ops.zeros([3]), 2), /2 groups/],
  ['AUTOGRAD_SHAPE', 'scales for another number of channels', () => ops.batchNorm(x, ops.zeros([2]), ops.zeros([3])), /per channel/],
  ['AUTOGRAD_SHAPE', 'a scalar table', () => ops.gather(ops.constant(1), ids), /scalar/],
  ['AUTOGRAD_SHAPE', 'classes of unknown number', () => ops.crossEntropy(ops.input('y', 'float32', [2, 'classes']), ids), /no fixed size/],
  ['AUTOGRAD_SHAPE', 'targets for other rows', () => ops.crossEntropy(x, ops.range(3)), /targets int64 \[3\] for logits \[2, 3\]/],
  ['AUTOGRAD_SHAPE', 'a parameter without a size', () => ops.parameter([0], () => new Float32Array(0)), /not a shape/],
  [
    'AUTOGRAD_SHAPE',
    'data that do not fill the shape',
    () => ops.constant({ type: 'float32', dims: [3], data: new Float32Array(2) }),
    /data has 2 elements, but \[3\] needs 3/,
  ],
  ['AUTOGRAD_SHAPE', 'a loss that is not one number', () => gradients(x, [x]), /Reduce it to one float32 number/],
  [
    'AUTOGRAD_SHAPE',
    'a gradient through sizes that are not known',
    () => {
      const free = ops.input('free', 'float32', ['batch', 4]);
      return gradients(ops.sum(ops.slice(free, 1, 0, 2)), [free]);
    },
    /Give every dimension a number when training/,
  ],
  ['AUTOGRAD_TYPE', 'operands of two types', () => ops.add(x, ops.cast(x, 'int32')), /float32 and int32/],
  ['AUTOGRAD_TYPE', 'an exponential of integers', () => ops.exp(ids), /exp: operands are int64 \[2\]/],
  ['AUTOGRAD_TYPE', 'a product of two types', () => ops.matmul(x, ops.cast(x, 'int32')), /float32 \[2, 3\], int32 \[2, 3\]/],
  ['AUTOGRAD_TYPE', 'truth of what is no truth value', () => ops.and(x, x), /bool tensors: compare first/],
  ['AUTOGRAD_TYPE', 'the gradient of integers', () => gradients(ops.sum(ops.gather(x, ids)), [x, ids]), /target 1 is int64 \[2\]/],
  ['AUTOGRAD_SHAPE', 'a loss of integers', () => gradients(ops.sum(ids), [x]), /the loss is int64/],
  ['AUTOGRAD_TYPE', 'indices that are not whole', () => ops.gather(x, x), /indices are float32/],
  [
    'AUTOGRAD_NOT_DIFFERENTIABLE',
    'an operator without a gradient',
    () => gradients(ops.sum(ops.sign(x)), [x]),
    /'sign' has no gradient\. Pass its input through stopGradient/,
  ],
  ['AUTOGRAD_UNNAMED_PARAMETER', 'a parameter without a name', () => emitOnnx({ outputs: { y: ops.neg(parameter) } }), /no name/],
  [
    'AUTOGRAD_DUPLICATE_NAME',
    'two inputs of one name',
    () => emitOnnx({ outputs: { y: ops.add(x, ops.input('x', 'float32', [2, 3])) } }),
    /two inputs .* named 'x'.*use it twice/,
  ],
  [
    'AUTOGRAD_DUPLICATE_NAME',
    'an input with the name of a stored weight',
    () =>
      emitOnnx({
        outputs: { y: ops.add(ops.input('w', 'float32', [2]), parameter) },
        parameters: new Map([[parameter, 'w']]),
        weights: new Map([['w', { type: 'float32', dims: [2], data: new Float32Array(2) }]]),
      }),
    /an input and a parameter of the graph are both named 'w'/,
  ],
  [
    'AUTOGRAD_DUPLICATE_NAME',
    'two parameters of one name',
    () => {
      const other = ops.parameter([2], () => new Float32Array(2));
      const parameters = new Map([parameter, other].map((one) => [one, 'w'] as const));
      return emitOnnx({ outputs: { y: ops.add(parameter, other) }, parameters });
    },
    /two parameters of the graph are named 'w'/,
  ],
  [
    'AUTOGRAD_DUPLICATE_NAME',
    'an output with the name of an input',
    () => emitOnnx({ outputs: { x: ops.neg(x) } }),
    /an input and an output of the graph are both named 'x'/,
  ],
  ...(
    [
      [{ type: 'float32', dims: [3], data: new Float32Array(3) }, /parameter 'w' is float32 \[2\], but its weight is float32 \[3\]/],
      [{ type: 'float32', dims: [2], data: new Float32Array(1) }, /weight is float32 \[2\] of 1 numbers/],
      [{ type: 'float64', dims: [2], data: new Float64Array(2) }, /weight is float64 \[2\]/],
    ] as const
  ).map(
    ([weight, message]) =>
      [
        'AUTOGRAD_SHAPE',
        `a weight that is not the parameter's: ${weight.type} [${weight.dims}] of ${weight.data.length}`,
        () => emitOnnx({ outputs: { y: ops.neg(parameter) }, parameters: new Map([[parameter, 'w']]), weights: new Map([['w', weight]]) }),
        message,
      ] as [string, string, () => unknown, RegExp],
  ),
  [
    'AUTOGRAD_DIMENSION',
    'a named dimension that no input has',
    () => emitOnnx({ outputs: { y: ops.expand(ops.constant(1), ['batch']) } }),
    /dimension named 'batch'/,
  ],
  ['AUTOGRAD_RUNTIME', 'no runtime', () => onnxBackend(undefined as never), /import \* as ort from 'onnxruntime-node'/],
  ['AUTOGRAD_RUNTIME', 'something that is not ONNX Runtime', () => onnxBackend({} as never), /import \* as ort from 'onnxruntime-node'/],
])('%s: %s', (code, _, act, message) => {
  test('says what was given and what to do', () => {
    let error: unknown;
    try {
      act();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(AutogradError);
    expect(PolymodalError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ code, name: 'AutogradError', message: expect.stringMatching(message) });
  });
});

test('what is built does not change with the list of sizes that it was built from', () => {
  const dims = [2, 3];
  const data = new Float32Array(6);
  const built = [
    ops.input('y', 'float32', dims),
    ops.parameter(dims, () => data),
    ops.constant({ type: 'float32', dims, data }),
    ops.reshape(ops.zeros([6]), dims),
    ops.expand(ops.zeros([3]), dims),
  ];
  dims.push(4);
  expect(built.map((node) => node.dims)).toEqual(built.map(() => [2, 3]));
});

test('AUTOGRAD_INDEX: an id outside the table', () => {
  const row = ops.gather(ops.zeros([4, 2]), ids);
  for (const bad of [4n, -1n])
    expect(() => evaluate([row], { inputs: { ids: { type: 'int64', dims: [2], data: BigInt64Array.of(0n, bad) } } })).toThrow(
      expect.objectContaining({ code: 'AUTOGRAD_INDEX', message: expect.stringContaining(`index ${bad} is outside a table of 4 rows`) }),
    );
});
