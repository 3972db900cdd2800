import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnxBackend } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { pair, time } from './pair.js';
import { findPython } from './python-peer.js';
import type { BenchRow } from './row.js';
import { bestTorch, readResults, relativeDifference, type TorchPeer, type TorchStep, threads, writeTensors } from './torch.js';
import { batch, dims, heads, length, w2, width } from './w2.js';

/** By the largest value: sums of float32 in another order. */
const tolerance = 1e-5;

export const inferW2: BenchRow = {
  name: 'infer/w2-block',
  work: `one transformer block forward (width ${width}, ${heads} heads, batch ${batch} × ${length} tokens), weights constant, ${threads} threads`,
  async measure() {
    const { weights, x, exported } = w2();
    const backend = onnxBackend(ort, { threads });
    const program = await backend.compile(exported());
    const feeds = { x: backend.tensor(x) };
    const out = { output: backend.tensor({ type: 'float32', dims, data: new Float32Array(x.data.length) }) };
    const step = () => program.run(feeds, out);
    const folder = await mkdtemp(join(tmpdir(), 'polymodal-bench-'));
    let torch: TorchPeer | undefined;
    try {
      const python = findPython();
      let apart = 0;
      if (python !== undefined) {
        const path = join(folder, 'weights.bin');
        const load = { weights: path, parameters: await writeTensors(path, new Map([...weights, ['x', x]])), heads };
        torch = await bestTorch(
          python,
          'infer_w2.py',
          ['eager', 'traced'].map((form) => ({ ...load, form })),
        );
        await torch.ask<TorchStep>({ op: 'step' });
        await step();
        const found = (await out.output.read()) as Float32Array;
        apart = relativeDifference(found, await readResults(torch, join(folder, 'output.bin')));
        if (!(apart <= tolerance)) throw new Error(`infer/w2-block: outputs differ by ${apart}, more than ${tolerance}`);
      }
      const peer = torch && (async () => (await torch!.ask<TorchStep>({ op: 'step' })).ms);
      const result = await pair(() => time(step), peer, { pairs: 40, warmup: 10, settleMs: 100 });
      if (torch === undefined) return { ...result, peer: null, note: 'no Python with torch on this machine' };
      return {
        ...result,
        peer: torch.name,
        note: `outputs agree to ${apart.toExponential(1)}; the fastest of ${torch.settings} thread settings, run directly and traced, in PyTorch${torch.unfair}`,
      };
    } finally {
      torch?.close();
      for (const tensor of [feeds.x, out.output]) tensor.dispose();
      await program.release();
      await backend.dispose();
      await rm(folder, { recursive: true });
    }
  },
};
