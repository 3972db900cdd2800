import { type Backend, onnxBackend, ops } from '@polymodal/autograd';
import { adamW, cosine, gelu, linear, sequential, type TrainOptions, train } from '../src/index.js';
import { gpuLack, gpuRuntime, localRuntime, workerRuntime } from './browser-runtimes.js';
import { float32, sine } from './problems.js';

const optimizer = adamW({ learningRate: cosine({ peak: 0.02, warmup: 5 }) });

/** The losses of a training script that knows nothing of where it runs. */
async function lossesOn(backend: Backend, steps: number, extra: Partial<TrainOptions> = {}): Promise<number[]> {
  const { model, loss, data } = sine();
  const run = train(model, { backend, data, loss, steps, seed: 3, optimizer, clipNorm: 1, ...extra });
  const losses: number[] = [];
  for await (const event of run) losses.push(event.loss);
  await run.release();
  await backend.dispose();
  return losses;
}

/** How often a timer of the caller's came to its turn in each of a few steps of some 50 ms or more. */
async function turnsPerStep(backend: Backend): Promise<number> {
  const [width, steps] = [768, 4];
  const model = sequential(linear(width, width), gelu(), linear(width, width));
  const x = float32([256, width], new Float32Array(256 * width).fill(0.5));
  const run = train(model, {
    backend,
    data: () => ({ x }),
    loss: (batch) => ops.meanSquaredError(model(batch.x!), batch.x!),
    steps: steps + 1,
    seed: 1,
    optimizer,
  });
  let turns = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  // The first step is over: the graph is compiled, and the weights are where they are used.
  for await (const _ of run) timer ??= setInterval(() => turns++, 2);
  clearInterval(timer);
  await run.release();
  await backend.dispose();
  return turns / steps;
}

export default [
  {
    name: '50 steps in this thread lose as in Node',
    tolerance: 1e-4,
    run: async () => lossesOn(onnxBackend(await localRuntime(), { threads: 1 }), 50),
  },
  {
    name: '50 steps in a worker lose as in Node',
    tolerance: 1e-4,
    run: () => lossesOn(onnxBackend(workerRuntime(), { threads: 1 }), 50),
  },
  {
    name: 'micro-batches and averaged weights lose as in Node',
    tolerance: 1e-4,
    run: async () => lossesOn(onnxBackend(await localRuntime(), { threads: 1 }), 10, { microBatches: 2, averageDecay: 0.9 }),
  },
  {
    name: '3 steps on WebGPU lose as in Node',
    tolerance: 1e-3,
    lacks: gpuLack,
    async run() {
      const { ort, executionProviders } = await gpuRuntime();
      return lossesOn(onnxBackend(ort, { executionProviders }), 3);
    },
  },
  {
    name: 'training in a worker leaves the event loop free',
    async run() {
      const turns = await turnsPerStep(onnxBackend(workerRuntime(), { threads: 1 }));
      // Where steps hold it up, it turns once or twice between them; a free one on a busy machine skips turns, but not nearly all.
      if (!(turns >= 3)) throw new Error(`a timer came to its turn ${turns} times a step`);
    },
  },
];
