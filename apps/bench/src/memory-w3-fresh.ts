import { existsSync, readFileSync } from 'node:fs';
import { onnxBackend } from '@polymodal/autograd';
import { initialize } from '@polymodal/nn';
import * as ort from 'onnxruntime-node';
import { threads } from './torch.js';
import { w3Data, w3Model, w3Step } from './w3.js';

/** Linux lets a process that another starts begin with the maxRSS of that other; VmHWM is its own. */
function peakBytes(): number {
  const status = '/proc/self/status';
  const line = existsSync(status) ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8')) : null;
  return (line ? Number(line[1]) : process.resourceUsage().maxRSS) * 1024;
}

// A process of its own: node memory-w3-fresh.js steps 30 trains W3 for 30 steps; with compilations it compiles the step anew for each and
// releases it. Prints the bytes that were resident with everything imported, after each step or release, and at most; and the losses.
const [what, count] = [process.argv[2]!, Number(process.argv[3])];
const imported = process.memoryUsage.rss();
const { batch } = w3Data();
const backend = onnxBackend(ort, { threads });
const model = w3Model();
const weights = initialize(model, 1);
const compile = () => w3Step(model, backend, weights, batch);
const losses = new Float64Array(count);
const resident = new Float64Array(count); // Filled in place, so that the measurement itself does not grow.
let step = await compile();
for (let i = 0; i < count; i++) {
  losses[i] = (await step.run(batch, what === 'steps' ? i : 0, 1)).loss!;
  if (what === 'compilations') {
    await step.release();
    resident[i] = process.memoryUsage.rss();
    step = await compile();
  } else resident[i] = process.memoryUsage.rss();
}
process.stdout.write(JSON.stringify({ imported, peak: peakBytes(), resident: [...resident], losses: [...losses] }));
await step.release();
await backend.dispose();
