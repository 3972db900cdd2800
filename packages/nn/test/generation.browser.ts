import { type Backend, onnxBackend } from '@polymodal/autograd';
import { beamSearch, cachedModel, generateBatch, gpt2, initialize } from '../src/index.js';
import { gpuLack, gpuRuntime, localRuntime, workerRuntime } from './browser-runtimes.js';

const config = { vocab_size: 40, n_positions: 24, n_embd: 16, n_layer: 2, n_head: 2 };

/** What a generation gives that knows nothing of where it runs: prompts of unequal length, one with vectors in the places of tokens. */
async function tokensOn(backend: Backend): Promise<number[]> {
  const decoder = gpt2(config);
  const drawn = initialize(decoder, 5);
  // Large enough that no two tokens are nearly as likely.
  const weights = new Map([...drawn].map(([name, { type, dims, data }]) => [name, { type, dims, data: data.map((value) => 4 * value) }]));
  const model = await cachedModel(decoder, { backend, weights });
  const seen = { type: 'float32', dims: [3, 16], data: Float32Array.from({ length: 48 }, (_, i) => Math.sin(i)) } as const;
  const prompts = [[1, 2, 3, 4, 5, 6], [7], [{ ids: [8] }, { embeddings: seen }, { ids: [9, 10] }]];
  const [greedy, sampled, beams] = await Promise.all([
    generateBatch(model, prompts, { maxTokens: 8, stopIds: [3] }),
    generateBatch(model, prompts, { maxTokens: 8, temperature: 0.8, topP: 0.9, seed: 4 }),
    beamSearch(model, prompts, { maxTokens: 5, beams: 2, stopIds: [3] }),
  ]);
  await model.dispose();
  await backend.dispose();
  return [...greedy, ...sampled, ...beams.flat()].flatMap(({ ids }) => [...ids, -1]);
}

export default [
  {
    name: 'tokens of one model, three generations at once, in this thread are those in Node',
    run: async () => tokensOn(onnxBackend(await localRuntime(), { threads: 1 })),
  },
  {
    name: 'the same in a worker',
    run: () => tokensOn(onnxBackend(workerRuntime(), { threads: 1 })),
  },
  {
    name: 'the same on WebGPU',
    lacks: gpuLack,
    async run() {
      const { ort, executionProviders } = await gpuRuntime();
      return tokensOn(onnxBackend(ort, { executionProviders }));
    },
  },
];
