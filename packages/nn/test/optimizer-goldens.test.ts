import { afterAll, describe, expect, test } from '@jest/globals';
import { type Expr, evaluate, gradients, onnxBackend, ops, type Reference } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { adam, adamW, compileTrainingStep, layer, type Optimizer, sgd, zeros } from '../src/index.js';
import { expectClose, golden } from './goldens.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const stored = golden('optimizer');
const steps = 5;
/** Of the parameters, which are of order 1. */
const tolerance = 1e-5;

/** (Σ tanh(A·p))², PyTorch's own problem in the golden files. */
function problem(name: string) {
  const p = ops.parameter([7], zeros);
  const product = ops.matmul(ops.constant(stored(`${name}.A`)), ops.reshape(p, [7, 1]));
  const total = ops.sum(ops.tanh(product));
  return { p, loss: ops.mul(total, total) };
}

const after = (name: string, step: number) => stored(`${name}.p_after_each_step`).data.slice(step * 7, step * 7 + 7);

const cases: readonly [name: string, optimizer: Optimizer][] = [
  ['adamw', adamW({ learningRate: 0.01, betas: [0.9, 0.98], epsilon: 1e-6, weightDecay: 0.2 })],
  ['adam', adam({ learningRate: 0.003 })],
  ['sgd_nesterov', sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 })],
];

describe.each(cases)('%s agrees with PyTorch after each of five steps', (name, optimizer) => {
  test('in a training step on ONNX Runtime', async () => {
    const { p, loss } = problem(name);
    const step = await compileTrainingStep(
      layer({ p }, () => p),
      { backend, batch: {}, loss: () => loss, optimizer, weights: new Map([['p', stored(`${name}.p0`)]]), decay: () => true },
    );
    for (let i = 0; i < steps; i++) {
      await step.run({}, i, steps);
      expectClose((await step.weights()).get('p')!.data, after(name, i), tolerance);
    }
    await step.release();
  });

  test('in the float64 reference', () => {
    const { p, loss } = problem(name);
    const float64 = (data: ArrayLike<number>, dims: readonly number[]): Reference => ({
      type: 'float32',
      dims,
      data: Float64Array.from(data),
    });
    const inputs = (names: readonly string[], dims: readonly number[]) =>
      Object.fromEntries(names.map((one): [string, Expr] => [one, ops.input(one, 'float32', dims)]));
    const scalars = inputs(optimizer.scalars, []);
    const next = optimizer.update(p, gradients(loss, [p])[0]!, inputs(optimizer.slots, [7]), scalars, true);
    let value = float64(stored(`${name}.p0`).data, [7]);
    let slots = optimizer.slots.map(() => float64(new Float64Array(7), [7]));
    for (let i = 0; i < steps; i++) {
      const scalarValues = Object.entries(optimizer.scalarsAt(i, optimizer.learningRate as number));
      const fed = {
        ...Object.fromEntries(scalarValues.map(([one, number]) => [one, float64([number], [])])),
        ...Object.fromEntries(optimizer.slots.map((slot, k) => [slot, slots[k]!])),
      };
      const results = evaluate([next.value, ...optimizer.slots.map((slot) => next.slots[slot]!)], {
        inputs: fed,
        parameters: new Map([[p as Expr, value]]),
      });
      value = results[0]!;
      slots = results.slice(1);
      expectClose(value.data, after(name, i), tolerance);
    }
    expect(slots).toHaveLength(optimizer.slots.length);
  });
});
