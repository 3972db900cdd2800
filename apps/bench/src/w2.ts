import { createRandom } from '@polymodal/autograd';
import { exportOnnx, initialize, transformerBlock } from '@polymodal/nn';

export const [batch, length, width, heads] = [32, 64, 256, 4];
export const dims = [batch, length, width] as const;

/** The block W2, its random weights, and an input for it. */
export function w2() {
  const block = transformerBlock({ width, heads, activation: 'gelu_new' });
  const weights = initialize(block, 1);
  const random = createRandom(3);
  const x = { type: 'float32', dims, data: new Float32Array(batch * length * width).map(() => random.normal()) } as const;
  const inputs = { x: { type: 'float32', dims } } as const;
  const exported = (int8: false | 'dynamic' = false) => exportOnnx(block, { weights, inputs, forward: (fed) => block(fed.x!), int8 });
  return { weights, x, exported };
}
