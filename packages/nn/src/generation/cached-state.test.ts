import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { countingBackend } from '../../test/counting-backend.js';
import { initialize } from '../initialize.js';
import { gpt2 } from '../models/gpt2.js';
import { t5 } from '../models/t5.js';
import { beamSearch } from './beam-search.js';
import { cachedModel } from './cached-model.js';
import { conditionalModel } from './conditional-model.js';
import { generate, generateBatch } from './generate.js';

const { backend, live } = countingBackend(onnxBackend(ort, { threads: 1 }));
afterAll(() => backend.dispose());

const decoder = gpt2({ vocab_size: 30, n_positions: 128, n_embd: 32, n_layer: 2, n_head: 2 });
const weights = initialize(decoder, 1);
const open = () => cachedModel(decoder, { backend, weights });

describe('what a state holds', () => {
  test('is what one step needs, and nothing once a generation ends in whatever way', async () => {
    const model = await open();
    const perState = 4; // keys and values of two layers
    for await (const { finish } of generate(model, [1, 2], { maxTokens: 20 })) {
      expect(live().tensors).toBe(perState);
      if (finish !== undefined) break;
    }
    expect(live().tensors).toBe(0);
    for await (const _ of generate(model, [1])) break;
    expect(live().tensors).toBe(0);
    const control = new AbortController();
    setTimeout(() => control.abort(new Error('enough')), 20);
    const endless = async () => {
      for (;;) await beamSearch(model, [[1], [2, 3]], { signal: control.signal });
    };
    await expect(endless()).rejects.toThrow('enough');
    const broken = () => {
      throw new Error('a processor');
    };
    await expect(generateBatch(model, [[1], [2, 3]], { processors: [broken] })).rejects.toThrow('a processor');
    await model.dispose();
    expect(live()).toEqual({ tensors: 0, programs: 0 });
  });

  test('does not grow: 2,000 steps', async () => {
    const model = await open();
    const run = () => generateBatch(model, [[1], [2, 3, 4]], { maxTokens: 100, temperature: 1 });
    for (let i = 0; i < 5; i++) await run();
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 20; i++) await run();
    // The keys and values of all these states, had they stayed, would be 100 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(30e6);
    await model.dispose();
  });
});

describe('a state that cannot go on', () => {
  test('one that a step took over, at once or before', async () => {
    const model = await open();
    const { state } = await model.prefill([[1]]);
    const [one, other] = await Promise.allSettled([model.step(state, [1]), model.step(state, [2])]);
    expect(other).toMatchObject({ status: 'rejected', reason: { code: 'GENERATION_STATE' } });
    await expect(model.step(state, [1])).rejects.toMatchObject({ code: 'GENERATION_STATE' });
    if (one!.status === 'fulfilled') model.release(one!.value.state);
    expect(live().tensors).toBe(0);
    await model.dispose();
  });

  test('tokens or rows that it has no place for leave it as it is', async () => {
    const model = await open();
    const { state } = await model.prefill([[1], [2, 3]]);
    await expect(model.step(state, [1])).rejects.toMatchObject({ code: 'GENERATION_PROMPT' });
    await expect(model.step(state, [1, 30])).rejects.toMatchObject({ code: 'GENERATION_PROMPT' });
    for (const rows of [[], [2], [-1], [0.5]]) await expect(model.select(state, rows)).rejects.toMatchObject({ code: 'GENERATION_STATE' });
    model.release((await model.step(state, [1, 2])).state);
    const full = await model.prefill([new Array<number>(128).fill(1)]);
    await expect(model.step(full.state, [1])).rejects.toMatchObject({ code: 'GENERATION_CONTEXT' });
    model.release(full.state);
    await expect(model.prefill([])).rejects.toMatchObject({ code: 'GENERATION_PROMPT' });
    await model.dispose();
  });

  test('a model that is disposed of while it generates: the step in hand ends, the next says so, and nothing is left', async () => {
    const model = await open();
    const running = generateBatch(model, [[1], [2, 3]]);
    await Promise.resolve();
    await model.dispose();
    await expect(running).rejects.toMatchObject({ code: 'GENERATION_STATE' });
    await expect(generateBatch(model, [[1]])).rejects.toMatchObject({ code: 'GENERATION_STATE' });
    expect(live()).toEqual({ tensors: 0, programs: 0 });
  });
});

test('generations of one model at the same time are what they are one after the other', async () => {
  const model = await open();
  const runs = [1, 2, 3].map((seed) => () => generateBatch(model, [[seed], [1, 2]], { temperature: 1, seed, maxTokens: 10 + seed }));
  const apart = [];
  for (const run of runs) apart.push(await run());
  expect(await Promise.all(runs.map((run) => run()))).toEqual(apart);
  await model.dispose();
});

test("an encoder's output stays where it is while beams change places; as many prompts as it read inputs", async () => {
  const model = t5({ vocab_size: 20, d_model: 8, d_kv: 4, d_ff: 8, num_heads: 2, num_layers: 1 });
  const conditional = await conditionalModel(model, { backend, weights: initialize(model, 2) });
  const int64 = (data: readonly bigint[]): TensorLike => ({ type: 'int64', dims: [2, 2], data: BigInt64Array.from(data) });
  const read = await conditional.read({ input_ids: int64([4n, 5n, 6n, 0n]), attention_mask: int64([1n, 1n, 1n, 0n]) });
  await expect(read.prefill([[0]])).rejects.toMatchObject({ code: 'GENERATION_PROMPT' });
  const encoded = live().tensors;
  expect(encoded).toBe(3); // keys, values, mask
  let { state } = await read.prefill([[0], [0]]);
  expect(live().tensors).toBe(encoded + 2);
  state = await read.select(state, [0, 0, 1]);
  expect(live().tensors).toBe(2 * encoded + 2);
  const spread = (state as { readonly memory: object }).memory;
  state = await read.select(state, [1, 0, 2]);
  expect((state as { readonly memory: object }).memory).toBe(spread);
  const { logits, state: last } = await read.step(state, [3, 3, 3]);
  expect(logits[0]).toEqual(logits[1]);
  read.release(last);
  expect(live().tensors).toBe(encoded);
  await read.dispose();
  await conditional.dispose();
  expect(live()).toEqual({ tensors: 0, programs: 0 });
});
