import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Backend, onnxBackend } from '@polymodal/autograd';
import { train } from '@polymodal/nn';
import * as ort from 'onnxruntime-node';
import { type EventLoopDelay, watchEventLoop } from './event-loop.js';
import type { BenchRow } from './row.js';
import { threads } from './torch.js';
import { w3Data, w3Model, w3Size, w3Training } from './w3.js';

/** Of training in a worker; in the caller's thread, where every step blocks the loop, a quarter of it shows as much. */
const seconds = 60;

/** An idle process beside this one; gives its delay when it is called. */
function watchIdle(): () => Promise<EventLoopDelay> {
  const idle = spawn(process.execPath, [fileURLToPath(new URL('./event-loop-idle.js', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return async () => {
    idle.stdin.end();
    return JSON.parse(await text(idle.stdout)) as EventLoopDelay;
  };
}

interface Watched extends EventLoopDelay {
  readonly steps: number;
}

/** Trains for so many seconds from the first step on; building and compiling the graph come before. */
async function watchTraining(backend: Backend, duration: number): Promise<Watched> {
  const model = w3Model();
  const { batch } = w3Data();
  const run = train(model, { ...w3Training(model), backend, data: () => batch, steps: 1_000_000, seed: 1 });
  let stop: (() => EventLoopDelay) | undefined;
  let end = 0;
  let first = 0;
  try {
    for await (const { step } of run) {
      if (stop === undefined) {
        [stop, first, end] = [watchEventLoop(), step, performance.now() + duration * 1000];
      } else if (performance.now() >= end) return { ...stop(), steps: step - first };
    }
    throw new Error('train/w3-event-loop: training ended early');
  } finally {
    await run.release();
    await backend.dispose();
  }
}

export const trainW3EventLoop: BenchRow = {
  name: 'train/w3-event-loop',
  work: `delay of the event loop, 99th percentile, while the ${w3Size.blocks}-layer transformer of train/w3 trains for ${seconds} s in a worker, ${threads} threads`,
  async measure() {
    const idle = watchIdle();
    const apart = await watchTraining(onnxBackend({ worker: 'onnxruntime-node' }, { threads }), seconds);
    const machine = await idle();
    const here = await watchTraining(onnxBackend(ort, { threads }), seconds / 4);
    const words = ({ max, randomMoment, steps }: Watched) =>
      `${steps} steps, at most ${max.toFixed(1)} ms, and ${randomMoment.toFixed(1)} ms for 99 of 100 random moments`;
    return {
      oursMs: apart.p99,
      peerMs: here.p99,
      ratio: apart.p99 / here.p99,
      interval: null,
      peer: "the same in the caller's thread",
      note: `in a worker ${words(apart)}, while an idle process beside had at most ${machine.max.toFixed(1)} ms; in the caller's thread ${words(here)}`,
    };
  },
};
