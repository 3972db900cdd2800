import type { Expr } from '../expr.js';
import { withGradient } from './cast.js';
import { add, erf, mul, sigmoid, sub } from './elementwise.js';

/** x · Φ(x), exactly (Hendrycks and Gimpel 2016, arXiv 1606.08415). */
export function gelu(x: Expr): Expr {
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}

/** GELU's tanh form, as GPT-2 and JAX use it. */
export function geluTanh(x: Expr): Expr {
  // x·½(1 + tanh u) = x·σ(z) with z = 2u = x·(c + c·0.044715·x²): fewer passes over memory than the textbook form.
  const c = 2 * Math.sqrt(2 / Math.PI);
  const z = mul(x, add(mul(mul(x, x), c * 0.044715), c));
  const s = sigmoid(z);
  // x·z′ = 3z − 2c·x, so the derivative s + x·s·(1 − s)·z′ needs no power of x.
  return withGradient(mul(x, s), [x], (g) => [mul(g, mul(s, add(mul(sub(1, s), sub(mul(z, 3), mul(x, 2 * c))), 1)))]);
}

/** x · σ(1.702 x): OpenAI CLIP's. */
export function quickGelu(x: Expr): Expr {
  return mul(x, sigmoid(mul(x, 1.702)));
}

/** x · σ(x), also called Swish. */
export function silu(x: Expr): Expr {
  return mul(x, sigmoid(x));
}
