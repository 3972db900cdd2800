/** Resumes from the folder given, then saves step after step without end; a test builds this, runs it, and kills it. */
import { loadCheckpoint, saveCheckpoint } from '../src/node/index.js';

const folder = process.argv[2]!;
const found = await loadCheckpoint(folder);
process.stdout.write(`resumed ${found?.step ?? 0}\n`);
for (let step = (found?.step ?? 0) + 1; ; step++) {
  const weight = new Float32Array(500_000).fill(step);
  await saveCheckpoint(folder, {
    step,
    tensors: new Map([['weight', { type: 'float32', dims: [500, 1000], data: weight }]]),
    state: { position: step * 32 },
  });
  process.stdout.write(`saved ${step}\n`);
}
