import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { gpt2Golden, llamaGolden } from '../../test/golden-configs.js';
import { modelGolden } from '../../test/model-goldens.js';
import { gpt2 } from '../models/gpt2.js';
import { llama } from '../models/llama.js';
import { t5 } from '../models/t5.js';
import { beamSearch } from './beam-search.js';
import { cachedModel } from './cached-model.js';
import type { CausalModel, Prompt } from './causal-model.js';
import { conditionalModel } from './conditional-model.js';
import { generateBatch } from './generate.js';
import { generateText } from './generate-text.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

interface Opened {
  readonly model: CausalModel;
  /** What the model itself puts in the place of a token. [vocabulary, width] */
  readonly table: TensorLike<'float32'>;
  dispose(): void | Promise<void>;
}

async function openGpt(): Promise<Opened> {
  const { weights } = modelGolden('gpt2');
  const model = await cachedModel(gpt2(gpt2Golden), { backend, weights });
  return { model: model as CausalModel, table: weights.get('wte.weight')!, dispose: model.dispose };
}

async function openLlama(): Promise<Opened> {
  const { weights } = modelGolden('llama');
  const decoder = llama(llamaGolden);
  const model = await cachedModel(decoder, { backend, weights });
  return { model: model as CausalModel, table: weights.get('model.embed_tokens.weight')!, dispose: model.dispose };
}

/** Its decoder, with three sources read. */
async function openT5(): Promise<Opened> {
  const { weights } = modelGolden('t5');
  const config = { vocab_size: 30, d_model: 16, d_kv: 6, d_ff: 20, num_heads: 2, num_layers: 2 };
  const relative = { relative_attention_num_buckets: 8, relative_attention_max_distance: 6 };
  const conditional = await conditionalModel(t5({ ...config, ...relative }), { backend, weights });
  const int64 = (values: readonly number[]): TensorLike => ({ type: 'int64', dims: [3, 4], data: BigInt64Array.from(values, BigInt) });
  const model = await conditional.read({
    input_ids: int64([5, 6, 7, 8, 9, 10, 11, 0, 12, 13, 0, 0]),
    attention_mask: int64([1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0]),
  });
  return {
    model,
    table: weights.get('shared.weight')!,
    async dispose() {
      await model.dispose();
      await conditional.dispose();
    },
  };
}

/** Rows of the table, as a part. */
function seen({ table }: Opened, ids: readonly number[]): { readonly embeddings: TensorLike<'float32'> } {
  const width = table.dims[1]!;
  const data = Float32Array.from(ids.flatMap((id) => [...table.data.subarray(id * width, (id + 1) * width)]));
  return { embeddings: { type: 'float32', dims: [ids.length, width], data } };
}

const ids = [[1], [4, 5, 6, 7, 8], [2, 3, 9]];
/** The same prompts as vectors, or as some of both. */
const forms = (opened: Opened): Record<string, readonly Prompt[]> => ({
  'vectors alone': ids.map((prompt) => [seen(opened, prompt)]),
  'vectors between ids': [[seen(opened, [1])], [{ ids: [4] }, seen(opened, [5, 6]), { ids: [7, 8] }], [{ ids: [2, 3, 9] }]],
  'vectors at both ends': [
    [1],
    [seen(opened, [4]), { ids: [5, 6, 7] }, seen(opened, [8])],
    [seen(opened, [2]), seen(opened, [3]), { ids: [9] }],
  ],
});

describe.each([
  ['GPT-2', openGpt],
  ['Llama', openLlama],
  ["T5's decoder", openT5],
])('%s', (_, open) => {
  test('rows of its table of tokens do what the tokens do: logits to 1e-6, then the same tokens', async () => {
    const opened = await open();
    const { model } = opened;
    const options = { maxTokens: 6, stopIds: [7] };
    const sampling = { ...options, temperature: 0.9, topP: 0.95, seed: 3 };
    const expected = await model.prefill(ids);
    const stepped = await model.step(expected.state, [1, 2, 3]);
    model.release(stepped.state);
    for (const prompts of Object.values(forms(opened))) {
      const read = await model.prefill(prompts);
      const next = await model.step(read.state, [1, 2, 3]);
      model.release(next.state);
      for (const [given, wanted] of [
        [read.logits, expected.logits],
        [next.logits, stepped.logits],
      ])
        given!.forEach((row, i) => {
          for (const [id, logit] of row.entries()) expect(Math.abs(logit - wanted![i]![id]!)).toBeLessThan(1e-6);
        });
      expect(await generateBatch(model, prompts, sampling)).toEqual(await generateBatch(model, ids, sampling));
      const [beams, plain] = [
        await beamSearch(model, prompts, { ...options, beams: 2 }),
        await beamSearch(model, ids, { ...options, beams: 2 }),
      ];
      expect(beams.map(([best]) => best!.ids)).toEqual(plain.map(([best]) => best!.ids));
    }
    await opened.dispose();
  });
});

describe('prompts of parts', () => {
  test('the repetition penalty, processors and beams see the tokens alone', async () => {
    const opened = await openGpt();
    const prompt = [{ ids: [4] }, seen(opened, [5, 6]), { ids: [7] }];
    const lengths: number[] = [];
    const processors = [
      (logits: Float32Array, sequence: readonly number[]) => {
        lengths.push(sequence.length);
        expect(sequence.slice(0, 2)).toEqual([4, 7]);
        return logits;
      },
    ];
    const [penalised] = await generateBatch(opened.model, [prompt], { maxTokens: 4, repetitionPenalty: 1e6, processors });
    expect(new Set([4, 7, ...penalised!.ids]).size).toBe(6); // a token of the prompt or the answer never comes again
    expect(lengths).toEqual([2, 3, 4, 5]);
    const beams = await beamSearch(opened.model, [prompt], { maxTokens: 3, processors });
    expect(beams[0]![0]!.ids).toHaveLength(3);
    await opened.dispose();
  });

  test('text follows vectors; they count as places of the context', async () => {
    const opened = await openGpt();
    const tokenizer = { encode: () => ({ ids: [] }), decodeStream: () => ({ push: (id: number) => `${id} `, flush: () => '.' }) };
    const prompt = [seen(opened, [4, 5, 6]), { ids: [7] }];
    let text = '';
    let finish: string | undefined;
    for await (const part of generateText(opened.model, tokenizer, prompt)) {
      text += part.text;
      finish = part.finish;
    }
    const [whole] = await generateBatch(opened.model, [[4, 5, 6, 7]]);
    expect(text).toBe(`${whole!.ids.join(' ')} .`);
    expect([whole!.ids.length, finish]).toEqual([13, 'context']);
    await opened.dispose();
  });

  const vectors = (dims: readonly number[], fill = 0, length = dims.reduce((n, dim) => n * dim, 1)): Prompt => [
    { embeddings: { type: 'float32', dims, data: new Float32Array(length).fill(fill) } },
  ];
  const none: Prompt = [{ ids: [] }];
  test.each([
    ['another width', vectors([2, 23]), 'must be float32 [length, 24]'],
    ['no vectors', vectors([0, 24]), 'of one vector or more'],
    ['more axes', vectors([1, 2, 24]), 'float32 [1, 2, 24]'],
    ['fewer numbers than the shape says', vectors([2, 24], 0, 24), 'with 24 numbers'],
    ['NaN', vectors([2, 24], Number.NaN), 'number 0 of vector 0 of prompt 1 is NaN'],
    ['no tokens at all', none, 'prompt 1 is empty'],
    ['a part of neither kind', [{ ids: [1] }, { text: 'a' }] as unknown as Prompt, 'without ids and embeddings'],
    ['an id between parts', [{ ids: [1] }, 2] as unknown as Prompt, 'without ids and embeddings'],
    ['an id before parts', [2, { ids: [1] }] as unknown as Prompt, 'without ids and embeddings'],
    [
      'a part of both kinds',
      [{ ...(vectors([1, 24])[0] as object), ids: [1] }] as unknown as Prompt,
      'a part with both ids and embeddings',
    ],
    ['an id outside the vocabulary', [{ ids: [1] }, { ids: [2, 50] }] as Prompt, 'token 2 of prompt 1 is 50'],
  ])('%s is refused, by the model and by what generates with it', async (_, prompt, message) => {
    const { model, dispose } = await openGpt();
    const refused = { code: 'GENERATION_PROMPT', message: expect.stringContaining(message) };
    await expect(model.prefill([[1], prompt])).rejects.toMatchObject(refused);
    await expect(generateBatch(model, [[1], prompt])).rejects.toMatchObject(refused);
    await expect(beamSearch(model, [[1], prompt])).rejects.toMatchObject(refused);
    await dispose();
  });

  test('more vectors than the context has places are refused', async () => {
    const { model, dispose } = await openGpt();
    await expect(model.prefill([vectors([17, 24])])).rejects.toMatchObject({ code: 'GENERATION_CONTEXT' });
    await dispose();
  });
});
