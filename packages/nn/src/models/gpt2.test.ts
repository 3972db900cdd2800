import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { countingBackend } from '../../test/counting-backend.js';
import { expectCachedSame, expectOriginal } from '../../test/decoder-checks.js';
import { gpt2Golden } from '../../test/golden-configs.js';
import { expectClose } from '../../test/goldens.js';
import { modelGolden } from '../../test/model-goldens.js';
import { exportOnnx } from '../export-onnx.js';
import { beamSearch } from '../generation/beam-search.js';
import { cachedModel } from '../generation/cached-model.js';
import { generateBatch } from '../generation/generate.js';
import { namedParameters, parameterCount } from '../module.js';
import { gpt2, gpt2Configs } from './gpt2.js';

const { backend, live } = countingBackend(onnxBackend(ort, { threads: 1 }));
afterAll(() => backend.dispose());

const golden = modelGolden('gpt2');
const model = gpt2(gpt2Golden);

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
    await expectOriginal(backend, model, golden);
  });
});

test('exports with a batch and sequences of any size', async () => {
  const bytes = exportOnnx(model, {
    inputs: { ids: { type: 'int64', dims: ['batch', 'length'] } },
    forward: ({ ids }) => ({ logits: model(ids!) }),
    weights: golden.weights,
  });
  const program = await backend.compile(bytes);
  const data = golden.tensor('ids').data as BigInt64Array; // [2, 9]
  const whole = golden.tensor('logits').data as Float32Array;
  for (const [batch, length] of [
    [2, 9],
    [1, 4],
  ] as const) {
    const { logits } = await program.run({ ids: { type: 'int64', dims: [batch, length], data: data.slice(0, batch * length) } });
    expect(logits!.dims).toEqual([batch, length, 50]);
    expectClose((await logits!.read()) as Float32Array, whole.subarray(0, batch * length * 50), 1e-5);
    logits!.dispose();
  }
  await program.release();
});

describe('with a cache', () => {
  test('every step gives the logits of the whole sequence, in a batch of unequal prompts too', async () => {
    await expectCachedSame(backend, model, golden);
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
    const out = await generateBatch(cached, [[1, 2, 3], [4]]); // each at its own
    expect(out.map(({ ids, finish }) => [ids.length, finish])).toEqual([
      [14, 'context'],
      [16, 'context'],
    ]);
    await cached.dispose();
  });

  test('refuses weights of another model', async () => {
    await expect(cachedModel(model, { backend, weights: new Map() })).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' });
  });
});
