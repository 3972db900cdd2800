import type { Expr } from '../expr.js';
import { add, erf, mul, sigmoid } from './elementwise.js';

/** x · Φ(x), exactly (Hendrycks and Gimpel 2016, arXiv 1606.08415). */
export function gelu(x: Expr): Expr {
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}

/** GELU's tanh form, as GPT-2 and JAX use it. */
export function geluTanh(x: Expr): Expr {
  // x·½(1 + tanh u) = x·σ(2u), with 2u = x·(2c + 2c·0.044715·x²): fewer passes over memory than the textbook form.
  const c = 2 * Math.sqrt(2 / Math.PI);
  return mul(x, sigmoid(mul(x, add(mul(mul(x, x), c * 0.044715), c))));
}

/** x · σ(1.702 x): OpenAI CLIP's. */
export function quickGelu(x: Expr): Expr {
  return mul(x, sigmoid(mul(x, 1.702)));
}

/** x · σ(x), also called Swish. */
export function silu(x: Expr): Expr {
  return mul(x, sigmoid(x));
}
