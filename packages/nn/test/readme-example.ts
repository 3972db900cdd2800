import { onnxBackend, ops } from '@polymodal/autograd';
import { adamW, cosine, gelu, linear, parameterCount, sequential, train } from '@polymodal/nn';
import { checkpointFolder, readSafetensors, saveModel } from '@polymodal/nn/node';
import * as ort from 'onnxruntime-node';

// A small network, and the curve that it learns: 32 points of sin(3x).
const model = sequential(linear(1, 16), gelu(), linear(16, 1)); // parameters are named '0.weight', '0.bias', '2.weight', '2.bias'
const points = Float32Array.from({ length: 32 }, (_, i) => (i - 15.5) / 16);
const x = { type: 'float32', dims: [32, 1], data: points } as const;
const y = { type: 'float32', dims: [32, 1], data: points.map((value) => Math.sin(3 * value)) } as const;

const run = train(model, {
  backend: onnxBackend(ort), // or onnxBackend({ worker: 'onnxruntime-node' }): same results, free event loop
  data: () => ({ x, y }), // of a step, and of nothing else; here every batch is the same
  loss: (batch) => ops.meanSquaredError(model(batch.x!), batch.y!),
  optimizer: adamW({ learningRate: cosine({ peak: 0.05, warmup: 10 }) }),
  steps: 300,
  seed: 7,
  checkpoint: checkpointFolder('./runs/sine', { config: { seed: 7 } }), // abort, kill, run again: it goes on
});
for await (const { step, loss } of run) if (step === 1 || step % 100 === 0) console.log(step, loss.toFixed(2));

await saveModel('./sine', model, {
  weights: await run.weights(),
  onnx: { inputs: { x: { type: 'float32', dims: ['batch', 1] } }, forward: ({ x }) => model(x!) },
});
await run.release();

const { tensors } = await readSafetensors('./sine/model.safetensors');
console.log(parameterCount(model), [...tensors.keys()]);
const session = await ort.InferenceSession.create('./sine/onnx/model.onnx');
const { output } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(0.25, 0.5), [2, 1]) });
const answers = output!.data as Float32Array; // sin(0.75) = 0.68 and sin(1.5) = 1.00
console.log(output!.dims, answers[0]!.toFixed(1), answers[1]!.toFixed(1));
