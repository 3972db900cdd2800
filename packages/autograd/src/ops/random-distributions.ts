import type { Expr } from '../expr.js';
import { cos, log, maximum, mul, neg, sin, sqrt, sub } from './elementwise.js';
import { draw, drawnCount, type RandomOptions } from './random-uniform.js';
import { reshape } from './shape.js';
import { concat, slice } from './slice.js';

/**
 * Standard normal float32 numbers, drawn inside the graph from the bits of `randomUniform` (Box and Muller 1958); logarithm and cosine may round
 * the last digits differently from platform to platform. → dims
 */
export function randomNormal(dims: readonly number[], options: RandomOptions): Expr {
  const count = drawnCount('randomNormal', dims);
  const half = Math.ceil(count / 2);
  const uniform = draw('randomNormal', [2, half], 24, options);
  const [first, second] = [slice(uniform, 0, 0, 1), slice(uniform, 0, 1, 2)]; // [1, half]
  const radius = sqrt(mul(log(sub(1, first)), -2)); // 1 − u is in (0, 1]
  const angle = mul(second, 2 * Math.PI);
  const both = reshape(concat([mul(radius, cos(angle)), mul(radius, sin(angle))], 0), [2 * half]);
  return reshape(slice(both, 0, 0, count), dims);
}

/**
 * Standard Gumbel float32 numbers, −ln(−ln u), drawn inside the graph from the bits of `randomUniform`: with them, `argmax` of logits draws from
 * their softmax. Logarithms may round the last digits differently from platform to platform. → dims
 */
export function randomGumbel(dims: readonly number[], options: RandomOptions): Expr {
  const exponential = neg(log(sub(1, draw('randomGumbel', dims, 24, options))));
  // A draw of zero stands for all below 2⁻²⁴.
  return neg(log(maximum(exponential, 2 ** -25)));
}
