import { afterAll, describe, expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { type Expr, emitOnnx, evaluate, type OrtModule, onnxBackend, ops } from '../src/index.js';
import { golden } from './goldens.js';

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

const at = (section: string) => (name: string) => ops.constant(golden(section, name));
const [activation, norm, conv] = [at('activations'), at('norms'), at('convs')];
const ones = (count: number) => ops.constant({ type: 'float32', dims: [count], data: new Float32Array(count).fill(1) });
const zeros = (count: number) => ops.zeros([count]);

const cases: readonly [section: string, name: string, y: Expr][] = [
  ['activations', 'gelu_erf', ops.gelu(activation('x'))],
  ['activations', 'gelu_tanh', ops.geluTanh(activation('x'))],
  ['activations', 'quick_gelu', ops.quickGelu(activation('x'))],
  ['activations', 'silu', ops.silu(activation('x'))],
  ['activations', 'softmax', ops.softmax(activation('x'))],
  ['activations', 'log_softmax', ops.logSoftmax(activation('x'))],
  ['activations', 'sigmoid', ops.sigmoid(activation('x'))],
  ['norms', 'layer_norm_eps1e5', ops.layerNorm(norm('x'), ones(9), zeros(9), 1e-5)],
  ['norms', 'group_norm_3', ops.groupNorm(norm('x'), ones(6), zeros(6), 3, 1e-6)],
  ['norms', 'batch_norm_train', ops.batchNorm(norm('x'), ones(6), zeros(6))],
  ['norms', 'rms_norm_eps1e6', ops.rmsNorm(norm('x'), ones(9), 1e-6)],
  ['convs', 'conv_s1p1', ops.convolution(conv('x'), conv('w'), { padding: 1, bias: conv('b') })],
  ['convs', 'conv_s2p1', ops.convolution(conv('x'), conv('w'), { stride: 2, padding: 1, bias: conv('b') })],
  ['convs', 'conv_s1p2d2', ops.convolution(conv('x'), conv('w'), { padding: 2, dilation: 2, bias: conv('b') })],
  ['convs', 'conv1d_s2p1', ops.convolution(conv('x1'), conv('w1'), { stride: 2, padding: 1 })],
  ['convs', 'convtranspose_s2p1', ops.convolutionTranspose(conv('x'), conv('wt'), { stride: 2, padding: 1 })],
];

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(b).reduce((largest, value, i) => Math.max(largest, Math.abs(a[i]! - value) / Math.max(1, Math.abs(value))), 0);
}

describe.each(cases)('%s: %s agrees with PyTorch', (section, name, y) => {
  const expected = golden(section, name);

  test('in the float64 reference', () => {
    const [value] = evaluate([y]);
    expect(value!.dims).toEqual(expected.dims);
    expect(largestDifference(value!.data, expected.data)).toBeLessThan(2e-6);
  });

  test('on ONNX Runtime', async () => {
    const program = await backend.compile(emitOnnx({ outputs: { y } }));
    const { y: value } = await program.run({});
    expect(value!.dims).toEqual(expected.dims);
    expect(largestDifference((await value!.read()) as Float32Array, expected.data)).toBeLessThan(5e-6);
    await program.release();
  });
});
