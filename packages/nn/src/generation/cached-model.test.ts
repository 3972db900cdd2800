import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { onnxBackend } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { gpt2Golden, llamaGolden } from '../../test/golden-configs.js';
import { modelGolden } from '../../test/model-goldens.js';
import { gpt2 } from '../models/gpt2.js';
import { llama } from '../models/llama.js';
import { beamSearch } from './beam-search.js';
import { cachedModel } from './cached-model.js';
import { generateBatch } from './generate.js';
import { generateText } from './generate-text.js';

const require = createRequire(import.meta.url);
type Runtime = Extract<Parameters<typeof onnxBackend>[0], { readonly InferenceSession: unknown }>;
/** The oldest runtime in use comes with @xenova/transformers 2. Its tensors lack two methods that the backend calls. */
const old = createRequire(require.resolve('@xenova/transformers'))('onnxruntime-node') as Runtime;
const oldRuntime: Runtime = {
  Tensor: old.Tensor,
  InferenceSession: {
    async create(model, options) {
      const session = await old.InferenceSession.create(model, options);
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        async run(feeds, fetches) {
          const results = await session.run(feeds, fetches);
          for (const tensor of Object.values(results)) Object.assign(tensor, { getData: async () => tensor.data, dispose: () => {} });
          return results;
        },
        release: async () => {},
      };
    },
  },
};

const gpt = { decoder: gpt2(gpt2Golden), golden: modelGolden('gpt2') };
const grouped = {
  decoder: llama(llamaGolden),
  golden: modelGolden('llama'),
};

describe.each([
  ['in this thread', () => onnxBackend(ort, { threads: 1 })],
  ['in a worker', () => onnxBackend({ worker: 'onnxruntime-node' }, { threads: 1 })],
  ['in ONNX Runtime 1.14', () => onnxBackend(oldRuntime, { threads: 1 })],
])('%s', (_, open) => {
  test.each([
    ['GPT-2', gpt],
    ['Llama', grouped],
  ])('%s samples and searches to the same tokens', async (__, { decoder, golden }) => {
    const run = async (backend: ReturnType<typeof onnxBackend>) => {
      const model = await cachedModel(decoder, { backend, weights: golden.weights });
      const width = model.embeddingWidth!;
      const embeddings = {
        type: 'float32',
        dims: [2, width],
        data: Float32Array.from({ length: 2 * width }, (_, i) => Math.sin(i)),
      } as const;
      const prompts = [[1], [4, 5, 6], [{ ids: [2] }, { embeddings }]];
      const seen = await generateBatch(model, [[{ embeddings }]], { maxTokens: 4 });
      const sampled = await generateBatch(model, prompts, { maxTokens: 8, temperature: 0.9, topP: 0.95, stopIds: [7], seed: 11 });
      const beams = await beamSearch(model, prompts, { maxTokens: 6, beams: 2, stopIds: [7] });
      await model.dispose();
      await backend.dispose();
      return { seen, sampled, beams: beams.map(([best]) => best!.ids) };
    };
    expect(await run(open())).toEqual(await run(onnxBackend(ort, { threads: 1 })));
  });
});

test('half the bytes for the weights give nearly the same logits', async () => {
  const backend = onnxBackend(ort, { threads: 1 });
  const logits: Float32Array[] = [];
  for (const float16 of [false, true]) {
    const model = await cachedModel(gpt.decoder, { backend, weights: gpt.golden.weights, float16 });
    const { logits: rows, state } = await model.prefill([[1, 2, 3]]);
    logits.push(rows[0]!);
    model.release(state);
    await model.dispose();
  }
  const distance = Math.max(...logits[0]!.map((value, id) => Math.abs(value - logits[1]![id]!)));
  expect(distance).toBeGreaterThan(0);
  expect(distance).toBeLessThan(0.02);
  await backend.dispose();
});

test('an abort between two steps frees what the state holds, and the model goes on with the next prompt', async () => {
  const backend = onnxBackend(ort, { threads: 1 });
  const model = await cachedModel(gpt.decoder, { backend, weights: gpt.golden.weights });
  const letters = {
    encode: (text: string) => ({ ids: Array.from(text, (letter) => letter.charCodeAt(0) - 64) }),
    decodeStream: () => ({ push: (id: number) => String.fromCharCode(id + 64), flush: () => '' }),
  };
  const control = new AbortController();
  let text = '';
  const aborted = (async () => {
    for await (const part of generateText(model, letters, 'AB', { signal: control.signal })) {
      text += part.text;
      if (text.length === 3) control.abort(new Error('enough'));
    }
  })();
  await expect(aborted).rejects.toThrow('enough');
  let again = '';
  for await (const part of generateText(model, letters, 'AB', { maxTokens: 3 })) again += part.text;
  expect(again).toBe(text);
  await model.dispose();
  await backend.dispose();
});
