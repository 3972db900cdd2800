import { onnxBackend } from '@polymodal/autograd';
import { initialize } from '@polymodal/nn';
import * as ort from 'onnxruntime-node';
import { threads } from './torch.js';
import { w3Data, w3Model, w3Step } from './w3.js';

// A process of its own: node compile-w3-fresh.js prints the milliseconds that it takes to build the model W3 and to build and compile its
// training step, without drawing weights, the milliseconds of the first run, and its loss.
const { batch } = w3Data();
const backend = onnxBackend(ort, { threads });
const start = performance.now();
const model = w3Model();
const built = performance.now() - start;
const weights = initialize(model, 1);
const compiling = performance.now();
const step = await w3Step(model, backend, weights, batch);
const compiled = performance.now();
const { loss } = await step.run(batch, 0, 1);
process.stdout.write(JSON.stringify({ ms: built + compiled - compiling, firstRunMs: performance.now() - compiled, loss }));
await step.release();
await backend.dispose();
