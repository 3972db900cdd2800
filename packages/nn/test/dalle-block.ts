import { type Expr, ops } from '@polymodal/autograd';
import { convolution, layer, relu, sequential } from '../src/index.js';

/** DALL-E's block: four convolutions behind ReLUs, of which a part is added to the shortcut (nothing where the widths agree). */
export function dalleBlock(inputs: number, outputs: number, hidden: number, kernels: readonly number[], gain = 1 / 16) {
  const square = (from: number, to: number, size: number) => convolution(from, to, { kernel: [size, size], padding: size >> 1 });
  const widths = [inputs, hidden, hidden, hidden, outputs];
  const path = sequential(...kernels.flatMap((size, i) => [relu(), square(widths[i]!, widths[i + 1]!, size)]));
  if (inputs === outputs) return layer({ path }, (x: Expr) => ops.add(x, ops.mul(path(x), gain)));
  const shortcut = square(inputs, outputs, 1);
  return layer({ shortcut, path }, (x: Expr) => ops.add(shortcut(x), ops.mul(path(x), gain)));
}
