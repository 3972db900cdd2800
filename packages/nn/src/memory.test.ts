import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import { onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { expectClose } from '../test/goldens.js';
import { float32 } from '../test/problems.js';
import { initialize } from './initialize.js';
import { gelu, linear, sequential } from './layers.js';
import { adamW } from './optimizer.js';
import { compileTrainingStep } from './training-step.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const width = 256;
const model = sequential(linear(width, width), gelu(), linear(width, width));
const weights = initialize(model, 1);
const batch = { x: float32([8, width], new Float32Array(8 * width).fill(0.1)) };
/** One set of weights is 0.5 MB, so a set that a step or a compilation forgot would show as 100 MB and more. */
const allowed = 30e6;

const compile = (microBatches: number) =>
  compileTrainingStep(model, {
    backend,
    batch,
    weights,
    loss: ({ x }) => ops.meanSquaredError(model(x!), x!),
    optimizer: adamW({ learningRate: 1e-3 }),
    clipNorm: 1,
    averageDecay: 0.9,
    microBatches,
  });

/** How much resident memory grows by `count` repetitions, after a few that fill caches and pools. */
async function growth(count: number, repeat: (i: number) => Promise<void>): Promise<number> {
  const warm = 50;
  for (let i = 0; i < warm; i++) await repeat(i);
  const before = process.memoryUsage().rss;
  for (let i = 0; i < count; i++) await repeat(warm + i);
  return process.memoryUsage().rss - before;
}

test.each([
  [2000, 1],
  [500, 2],
])('%i steps take no memory beyond what they begin with; micro-batches: %i', async (steps, microBatches) => {
  const step = await compile(microBatches);
  expect(
    await growth(steps, async (i) => {
      await step.run(batch, i, 10_000);
    }),
  ).toBeLessThan(allowed);
  await step.release();
});

test('programs that are released give their memory back, over 200 compilations', async () => {
  expect(
    await growth(200, async (i) => {
      const step = await compile(1 + (i % 2));
      await step.run(batch, 0, 1);
      await step.evaluator().run(batch);
      await step.release();
    }),
  ).toBeLessThan(allowed);
});

test('a contrastive loss over a large batch takes the memory of a part of it', () => {
  const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  const loader = pathOf('../../../scripts/source-loader.mjs');
  const inParts = (parts: number) => {
    const script = [pathOf('../test/contrastive-peak.ts'), String(parts)];
    const output = execFileSync(process.execPath, ['--conditions=@polymodal/source', '--import', loader, ...script], { encoding: 'utf8' });
    return JSON.parse(output) as { readonly losses: readonly number[]; readonly growth: number };
  };
  const [whole, eighths] = [inParts(1), inParts(8)];
  expectClose(eighths.losses, whole.losses, 1e-5);
  expect(whole.growth).toBeGreaterThan(400e6);
  expect(eighths.growth).toBeLessThan(whole.growth / 3);
});
