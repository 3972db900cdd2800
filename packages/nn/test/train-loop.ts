/** Trains with checkpoints in the folder given, and tells each step; a test runs this and kills it. */
import { createHash } from 'node:crypto';
import { onnxBackend } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { adamW, cosine, train } from '../src/index.js';
import { checkpointFolder } from '../src/node/index.js';
import { sine } from './problems.js';

const { model, loss, data } = sine();
const backend = onnxBackend(ort, { threads: 1 });
const run = train(model, {
  backend,
  data,
  loss,
  steps: 60,
  seed: 3,
  optimizer: adamW({ learningRate: cosine({ peak: 0.02, warmup: 5 }) }),
  averageDecay: 0.9,
  checkpoint: checkpointFolder(process.argv[2]!, { config: { seed: 3 } }),
  checkpointEvery: 4,
});
for await (const { step } of run) {
  process.stdout.write(`step ${step}\n`);
  await new Promise((resolve) => setTimeout(resolve, 5)); // Leaves time to be killed in.
}
const hash = createHash('sha256');
for (const { data: values } of (await run.weights()).values()) hash.update(values);
process.stdout.write(`weights ${hash.digest('hex')}\n`);
await run.release();
