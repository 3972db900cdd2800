import { onnxBackend } from '@polymodal/autograd';
import { initialize } from '@polymodal/nn';
import * as ort from 'onnxruntime-node';
import { pair, time } from './pair.js';
import type { BenchRow } from './row.js';
import { besideTorch, type TorchStep, threads, withoutTorch } from './torch.js';
import { w3Data, w3Model, w3Size, w3Step } from './w3.js';

const comparedSteps = 10;
const tolerance = 1e-4;

export const trainW3: BenchRow = {
  name: 'train/w3',
  work: `one training step of a ${w3Size.blocks}-layer transformer (width ${w3Size.width}, vocabulary ${w3Size.vocabulary}, batch ${w3Size.batch} × ${w3Size.length} tokens) with AdamW, ${threads} threads`,
  async measure() {
    const model = w3Model();
    const weights = initialize(model, 1);
    const { ids, targets, batch } = w3Data();
    const backend = onnxBackend(ort, { threads });
    const step = await w3Step(model, backend, weights, batch);
    try {
      const forms = [false, true].map((foreach) => ({ ...w3Size, ids, targets, foreach }));
      return await besideTorch('train_w3.py', weights, forms, async (torch) => {
        const losses = { ours: [] as number[], peer: [] as number[] };
        const ours = () =>
          time(async () => {
            losses.ours.push((await step.run(batch, losses.ours.length, 1)).loss!);
          });
        const peer =
          torch &&
          (async () => {
            const { loss, ms } = await torch.ask<TorchStep>({ op: 'step' });
            losses.peer.push(loss!);
            return ms;
          });
        const result = await pair(ours, peer, { pairs: 40, warmup: comparedSteps, settleMs: 100 });
        if (torch === undefined) return { ...result, ...withoutTorch };
        const apart = Math.max(...losses.peer.slice(0, comparedSteps).map((loss, i) => Math.abs(loss - losses.ours[i]!)));
        if (!(apart <= tolerance))
          throw new Error(`train/w3: losses differ by ${apart} in the first ${comparedSteps} steps, more than ${tolerance}`);
        return {
          ...result,
          peer: torch.name,
          note: `losses of the first ${comparedSteps} steps agree to ${apart.toExponential(1)}; the fastest of ${torch.settings} thread settings and 2 forms of AdamW in PyTorch${torch.unfair}`,
        };
      });
    } finally {
      await step.release();
      await backend.dispose();
    }
  },
};
