import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type Expr, evaluate, gradients, onnxBackend, ops, type Reference } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { adam, adamW, compileTrainingStep, layer, lion, type Optimizer, sgd, zeros } from '../src/index.js';
import { expectClose, golden } from './goldens.js';
import { float32 } from './problems.js';

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

interface Recorded {
  readonly optimizer: 'sgd' | 'adam' | 'adamW' | 'lion';
  readonly options: { readonly learningRate: number };
  readonly clipNorm?: number;
  readonly matricesDecay?: boolean;
  readonly after: readonly { readonly step: number; readonly w: readonly number[]; readonly b: readonly number[] }[];
}
const recorded = JSON.parse(readFileSync(new URL('../src/goldens/torch-optimizers.json', import.meta.url), 'utf8')) as {
  readonly A: readonly number[];
  readonly w: readonly number[];
  readonly b: readonly number[];
  readonly cases: Readonly<Record<string, Recorded>>;
};

// (Σ tanh(A · [w, b]))² for a matrix w [2, 2] and a vector b [3].
test.each(Object.entries(recorded.cases))('%s moves a matrix and a vector as the original', async (_, one) => {
  const [w, b] = [ops.parameter([2, 2], zeros), ops.parameter([3], zeros)];
  const all = ops.reshape(ops.concat([ops.reshape(w, [4]), b], 0), [7, 1]);
  const total = ops.sum(ops.tanh(ops.matmul(ops.constant(float32([7, 7], recorded.A)), all)));
  const step = await compileTrainingStep(
    layer({ w, b }, () => w),
    {
      backend,
      batch: {},
      loss: () => ops.mul(total, total),
      optimizer: { sgd, adam, adamW, lion }[one.optimizer](one.options),
      weights: new Map([
        ['w', float32([2, 2], recorded.w)],
        ['b', float32([3], recorded.b)],
      ]),
      ...(one.matricesDecay !== true && { decay: () => true }),
      ...(one.clipNorm !== undefined && { clipNorm: one.clipNorm }),
    },
  );
  let done = 0;
  for (const { step: last, w: wanted, b: alsoWanted } of one.after) {
    for (; done < last; done++) await step.run({}, done, 12);
    const weights = await step.weights();
    expectClose(weights.get('w')!.data, wanted, tolerance);
    expectClose(weights.get('b')!.data, alsoWanted, tolerance);
  }
  expect(done).toBe(12);
  await step.release();
});
