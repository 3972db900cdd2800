import { createRandom, emitOnnx, gradients, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';

// 64 points near the line y = 2x − 1.
const random = createRandom(1);
const xs = Float32Array.from({ length: 64 }, () => random.normal());
const ys = xs.map((value) => 2 * value - 1 + 0.1 * random.normal());

// The model and its loss, as expressions; nothing is computed yet.
const x = ops.input('x', 'float32', [64]);
const y = ops.input('y', 'float32', [64]);
const slope = ops.input('slope', 'float32', [1]);
const intercept = ops.input('intercept', 'float32', [1]);
const loss = ops.meanSquaredError(ops.add(ops.mul(x, slope), intercept), y);

// One graph does a whole step of gradient descent: forward, backward and update.
const [dSlope, dIntercept] = gradients(loss, [slope, intercept]);
const model = emitOnnx({
  outputs: {
    loss,
    nextSlope: ops.sub(slope, ops.mul(dSlope!, 0.1)),
    nextIntercept: ops.sub(intercept, ops.mul(dIntercept!, 0.1)),
  },
});

const backend = onnxBackend(ort);
const step = await backend.compile(model);
const data = {
  x: backend.tensor({ type: 'float32', dims: [64], data: xs }),
  y: backend.tensor({ type: 'float32', dims: [64], data: ys }),
};
const zero = () => backend.tensor({ type: 'float32', dims: [1], data: Float32Array.of(0) });
let weights = { slope: zero(), intercept: zero() };
for (let i = 0; i <= 60; i++) {
  const { loss, nextSlope, nextIntercept } = await step.run({ ...data, ...weights });
  const [a, b, error] = await Promise.all([weights.slope, weights.intercept, loss!].map(async (value) => Number((await value.read())[0])));
  if (i % 20 === 0) console.log(`step ${i}: slope ${a!.toFixed(2)}, intercept ${b!.toFixed(2)}, loss ${error!.toFixed(3)}`);
  weights = { slope: nextSlope!, intercept: nextIntercept! };
}
await step.release();
await backend.dispose();
