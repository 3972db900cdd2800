import { afterAll, describe, expect, test } from '@jest/globals';
import { gradients, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { countingBackend } from '../../test/counting-backend.js';
import { expectClose } from '../../test/goldens.js';
import { modelGolden, runBoth } from '../../test/model-goldens.js';
import { beamSearch } from '../generation/beam-search.js';
import { cachedModel } from '../generation/cached-model.js';
import { generateBatch } from '../generation/generate.js';
import { namedParameters, parameterCount } from '../module.js';
import { gpt2, gpt2Configs } from './gpt2.js';

const { backend, live } = countingBackend(onnxBackend(ort, { threads: 1 }));
afterAll(() => backend.dispose());

const golden = modelGolden('gpt2');
const model = gpt2({ vocab_size: 50, n_positions: 16, n_embd: 24, n_layer: 2, n_head: 3 });

describe('GPT-2', () => {
  test('has the parameters of the published sizes, built without their values', () => {
    expect(Object.values(gpt2Configs).map((config) => parameterCount(gpt2(config)))).toEqual([
      124_439_808, 354_823_168, 774_030_080, 1_557_611_200,
    ]);
    const names = [...namedParameters(gpt2(gpt2Configs.gpt2)).keys()];
    expect(names).toHaveLength(148);
    expect(names).toEqual(
      expect.arrayContaining(['wte.weight', 'wpe.weight', 'h.11.attn.c_attn.bias', 'h.0.mlp.c_proj.weight', 'ln_f.bias']),
    );
  });

  test("gives transformers' logits, loss and gradients", async () => {
    const ids = ops.constant(golden.tensor('ids')); // [2, 9]
    const logits = model(ids); // [2, 9, 50]
    const loss = ops.crossEntropy(ops.reshape(ops.slice(logits, 1, 0, 8), [16, 50]), ops.reshape(ops.slice(ids, 1, 1, 9), [16]));
    const parameters = namedParameters(model);
    const names = [...golden.gradients.keys()];
    expect(names.length).toBeGreaterThan(12);
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
  });
});

describe('with a cache', () => {
  test('every step gives the logits of the whole sequence, in a batch of unequal prompts too', async () => {
    const cached = await cachedModel(model, { backend, weights: golden.weights });
    const rows = golden.tensor('ids').data as BigInt64Array;
    const [a, b] = [Array.from(rows.slice(0, 9), Number), Array.from(rows.slice(9), Number)];
    const whole = golden.tensor('logits').data as Float32Array;
    const expected = (row: number, at: number) => whole.subarray((row * 9 + at) * 50, (row * 9 + at + 1) * 50);
    // The first row is three tokens ahead: it is padded less.
    let { logits, state } = await cached.prefill([a.slice(0, 5), b.slice(0, 2)]);
    for (let at = 0; at < 4; at++) {
      expectClose(logits[0]!, expected(0, 4 + at), 1e-5);
      expectClose(logits[1]!, expected(1, 1 + at), 1e-5);
      ({ logits, state } = await cached.step(state, [a[5 + at]!, b[2 + at]!]));
    }
    // Rows in another order, one of them twice.
    state = await cached.select(state, [1, 0, 1]);
    ({ logits, state } = await cached.step(state, [b[6]!, 0, b[6]!]));
    for (const row of [0, 2]) expectClose(logits[row]!, expected(1, 6), 1e-5);
    cached.release(state);
    await expect(cached.step(state, [1, 2, 3])).rejects.toMatchObject({ code: 'GENERATION_STATE' });
    await cached.dispose();
    expect(live()).toEqual({ tensors: 0, programs: 0 });
  });

  test("writes transformers' greedy continuation; batches and beams on it agree with rows alone", async () => {
    const cached = await cachedModel(model, { backend, weights: golden.weights });
    const sequence = golden.ids('greedy');
    const options = { maxTokens: 10, stopIds: [31] };
    const [own] = await generateBatch(cached, [sequence.slice(0, 3)], { maxTokens: 10 });
    expect(own!.ids).toEqual(sequence.slice(3));
    const prompts = [[1], [2, 3, 4], sequence.slice(0, 3), [5, 6]];
    const alone = [];
    for (const prompt of prompts) alone.push((await generateBatch(cached, [prompt], options))[0]);
    expect(await generateBatch(cached, prompts, options)).toEqual(alone);
    const beams = await beamSearch(cached, prompts, { ...options, beams: 3 });
    for (const [row, prompt] of prompts.entries()) {
      const [[found]] = (await beamSearch(cached, [prompt], { ...options, beams: 3 })) as [[{ ids: readonly number[]; score: number }]];
      expect(beams[row]![0]!.ids).toEqual(found.ids);
      expect(beams[row]![0]!.score).toBeCloseTo(found.score, 4);
    }
    await cached.dispose();
    expect(live()).toEqual({ tensors: 0, programs: 0 });
  });

  test('ends where the context does', async () => {
    const cached = await cachedModel(model, { backend, weights: golden.weights });
    const [out] = await generateBatch(cached, [[1, 2, 3]]);
    expect(out).toMatchObject({ finish: 'context' });
    expect(out!.ids).toHaveLength(14);
    await cached.dispose();
  });

  test('refuses weights of another model', async () => {
    await expect(cachedModel(model, { backend, weights: new Map() })).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' });
  });
});
