import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, type Expr, onnxBackend, ops } from '@polymodal/autograd';
import {
  adamW,
  compileTrainingStep,
  embedding,
  initialize,
  layer,
  layerNorm,
  linear,
  moduleList,
  normal,
  transformerBlock,
} from '@polymodal/nn';
import * as ort from 'onnxruntime-node';
import { pair, time } from './pair.js';
import { findPython } from './python-peer.js';
import type { BenchRow } from './row.js';
import { bestTorch, type TorchPeer, type TorchStep, threads, writeTensors } from './torch.js';

const size = { vocabulary: 1024, width: 192, heads: 3, blocks: 4, length: 64, batch: 16 } as const;
const comparedSteps = 10;
const tolerance = 1e-4;

/** Token embedding, learned positions, four pre-norm blocks, final norm, untied head with bias. [batch, length] → [batch, length, vocabulary] */
function w3Model() {
  const { vocabulary, width, heads, length } = size;
  const tokens = embedding(vocabulary, width);
  const positions = ops.parameter([length, width], normal(0.02));
  const blocks = Array.from({ length: size.blocks }, () => transformerBlock({ width, heads, activation: 'gelu_new' }));
  const norm = layerNorm(width);
  const head = linear(width, vocabulary);
  return layer({ tokens, positions, blocks: moduleList(blocks), norm, head }, (ids: Expr) =>
    head(norm(blocks.reduce((x, block) => block(x), ops.add(tokens(ids), positions)))),
  );
}

export const trainW3: BenchRow = {
  name: 'train/w3',
  work: `one training step of a ${size.blocks}-layer transformer (width ${size.width}, vocabulary ${size.vocabulary}, batch ${size.batch} × ${size.length} tokens) with AdamW, ${threads} threads`,
  async measure() {
    const model = w3Model();
    const weights = initialize(model, 1);
    const random = createRandom(3);
    const draw = () => Array.from({ length: size.batch * size.length }, () => random.integer(size.vocabulary));
    const [ids, targets] = [draw(), draw()];
    const tensor = (values: number[]) => ({
      type: 'int64' as const,
      dims: [size.batch, size.length],
      data: BigInt64Array.from(values, BigInt),
    });
    const batch = { ids: tensor(ids), targets: tensor(targets) };
    const learningRate = 1e-3;
    const backend = onnxBackend(ort, { threads });
    const step = await compileTrainingStep(model, {
      backend,
      batch,
      weights,
      optimizer: adamW({ learningRate, weightDecay: 0.01 }),
      decay: () => true,
      loss: (fed) => ops.crossEntropy(model(fed.ids!), fed.targets!),
    });
    const folder = await mkdtemp(join(tmpdir(), 'polymodal-bench-'));
    let torch: TorchPeer | undefined;
    try {
      const python = findPython();
      if (python !== undefined) {
        const path = join(folder, 'weights.bin');
        const load = { weights: path, parameters: await writeTensors(path, weights), ...size, ids, targets };
        torch = await bestTorch(
          python,
          'train_w3.py',
          [false, true].map((foreach) => ({ ...load, foreach })),
        );
      }
      const losses = { ours: [] as number[], peer: [] as number[] };
      const ours = () =>
        time(async () => {
          losses.ours.push((await step.run(batch, losses.ours.length, 1)).loss!);
        });
      const peer =
        torch &&
        (async () => {
          const { loss, ms } = await torch!.ask<TorchStep>({ op: 'step' });
          losses.peer.push(loss!);
          return ms;
        });
      const result = await pair(ours, peer, { pairs: 40, warmup: comparedSteps, settleMs: 100 });
      if (torch === undefined) return { ...result, peer: null, note: 'no Python with torch on this machine' };
      const apart = Math.max(...losses.peer.slice(0, comparedSteps).map((loss, i) => Math.abs(loss - losses.ours[i]!)));
      if (!(apart <= tolerance))
        throw new Error(`train/w3: losses differ by ${apart} in the first ${comparedSteps} steps, more than ${tolerance}`);
      return {
        ...result,
        peer: torch.name,
        note: `losses of the first ${comparedSteps} steps agree to ${apart.toExponential(1)}; the fastest of ${torch.settings} thread settings and 2 forms of AdamW in PyTorch${torch.unfair}`,
      };
    } finally {
      torch?.close();
      await step.release();
      await backend.dispose();
      await rm(folder, { recursive: true });
    }
  },
};
