import { expect } from '@jest/globals';
import { type Backend, gradients, ops } from '@polymodal/autograd';
import { type CausalDecoder, cachedModel, namedParameters } from '../src/index.js';
import { expectClose } from './goldens.js';
import { type ModelGolden, runBoth } from './model-goldens.js';

/** The logits, the next-token loss and the gradients that the original gave for two rows of ids. */
export async function expectOriginal(backend: Backend, model: CausalDecoder, golden: ModelGolden): Promise<void> {
  const ids = ops.constant(golden.tensor('ids')); // [2, length]
  const logits = model(ids); // [2, length, vocabulary]
  const [batch, length, vocabulary] = logits.dims as [number, number, number];
  const count = batch * (length - 1);
  const loss = ops.crossEntropy(
    ops.reshape(ops.slice(logits, 1, 0, length - 1), [count, vocabulary]),
    ops.reshape(ops.slice(ids, 1, 1, length), [count]),
  );
  const parameters = namedParameters(model);
  expect([...parameters.keys()].sort()).toEqual([...golden.weights.keys()].sort());
  const names = [...golden.gradients.keys()];
  expect(names.length).toBeGreaterThan(0);
  const slopes = gradients(
    loss,
    names.map((name) => parameters.get(name)!),
  );
  const outputs = { logits, loss, ...Object.fromEntries(names.map((name, i) => [`gradient of ${name}`, slopes[i]!])) };
  const { float64, onnx } = await runBoth(backend, model, outputs, golden.weights);
  for (const results of [float64, onnx]) {
    expectClose(results.logits!, golden.tensor('logits').data as Float32Array, 1e-5);
    expectClose(results.loss!, golden.tensor('loss').data as Float32Array, 1e-5);
    for (const name of names) expectClose(results[`gradient of ${name}`]!, golden.gradients.get(name)!.data, 1e-5);
  }
}

/** Steps with a cache give the logits of the whole sequences: rows of unequal length, then in another order, one of them twice. */
export async function expectCachedSame(backend: Backend, model: CausalDecoder, golden: ModelGolden): Promise<void> {
  const { dims, data } = golden.tensor('ids');
  const [, length] = dims as [number, number];
  const [a, b] = [0, 1].map((row) => Array.from((data as BigInt64Array).slice(row * length, (row + 1) * length), Number)) as [
    number[],
    number[],
  ];
  const whole = golden.tensor('logits').data as Float32Array;
  const size = model.shape.vocabularySize;
  const expected = (row: number, at: number) => whole.subarray((row * length + at) * size, (row * length + at + 1) * size);
  const cached = await cachedModel(model, { backend, weights: golden.weights });
  let { logits, state } = await cached.prefill([a.slice(0, 5), b.slice(0, 2)]);
  for (let at = 0; at < 4; at++) {
    expectClose(logits[0]!, expected(0, 4 + at), 1e-5);
    expectClose(logits[1]!, expected(1, 1 + at), 1e-5);
    ({ logits, state } = await cached.step(state, [a[5 + at]!, b[2 + at]!]));
  }
  state = await cached.select(state, [1, 0, 1]);
  ({ logits, state } = await cached.step(state, [b[6]!, 0, b[6]!]));
  for (const row of [0, 2]) expectClose(logits[row]!, expected(1, 6), 1e-5);
  cached.release(state);
  await expect(cached.step(state, [1, 2, 3])).rejects.toMatchObject({ code: 'GENERATION_STATE' });
  await cached.dispose();
}
