import { onnxBackend } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { pair, time } from './pair.js';
import type { BenchRow } from './row.js';
import { besideTorch, readResults, relativeDifference, type TorchStep, threads, withoutTorch } from './torch.js';
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
    try {
      const forms = ['eager', 'traced'].map((form) => ({ heads, form }));
      return await besideTorch('infer_w2.py', new Map([...weights, ['x', x]]), forms, async (torch) => {
        let apart = 0;
        if (torch !== undefined) {
          await torch.ask<TorchStep>({ op: 'step' });
          await step();
          const found = (await out.output.read()) as Float32Array;
          apart = relativeDifference(found, await readResults(torch));
          if (!(apart <= tolerance)) throw new Error(`infer/w2-block: outputs differ by ${apart}, more than ${tolerance}`);
        }
        const peer = torch && (async () => (await torch.ask<TorchStep>({ op: 'step' })).ms);
        const result = await pair(() => time(step), peer, { pairs: 40, warmup: 10, settleMs: 100 });
        if (torch === undefined) return { ...result, ...withoutTorch };
        return {
          ...result,
          peer: torch.name,
          note: `outputs agree to ${apart.toExponential(1)}; the fastest of ${torch.settings} thread settings, run directly and traced, in PyTorch${torch.unfair}`,
        };
      });
    } finally {
      for (const tensor of [feeds.x, out.output]) tensor.dispose();
      await program.release();
      await backend.dispose();
    }
  },
};
