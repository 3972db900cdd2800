import { formatDims, normalizeAxis } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, requireExpr } from '../expr.js';
import { withGradient } from './cast.js';
import { defineElementwise } from './define-elementwise.js';
import { add, div, erf, mul, neg, sigmoid, sub, tanh, unary } from './elementwise.js';
import { slice } from './slice.js';

/** x · Φ(x), exactly (Hendrycks and Gimpel 2016, arXiv 1606.08415). */
export function gelu(x: Expr): Expr {
  // A quotient, not a product with 1/√2: ONNX Runtime knows this form, and makes one operator of it (3 times as fast).
  return mul(mul(x, 0.5), add(erf(div(x, Math.SQRT2)), 1));
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

const softplusOp = defineElementwise('softplus', {
  arity: 1,
  operands: 'float',
  onnx: 'Softplus',
  reference: (x) => Math.max(x!, 0) + Math.log1p(Math.exp(-Math.abs(x!))),
  gradient: ([x], g) => [mul(g, sigmoid(x!))],
});

/** ln(1 + eˣ), without overflow. */
export const softplus: (x: Expr) => Expr = unary(softplusOp);

/** ln σ(x), without loss where σ(x) is nearly 0. */
export function logSigmoid(x: Expr): Expr {
  return neg(softplus(neg(x)));
}

/** x · tanh(softplus(x)) (Misra 2019, arXiv 1908.08681). */
export function mish(x: Expr): Expr {
  return mul(x, tanh(softplus(x)));
}

/** The first half of `axis` times the sigmoid of the second (Dauphin et al. 2016, arXiv 1612.08083). */
export function glu(x: Expr, axis = -1): Expr {
  requireExpr('glu', x);
  const at = normalizeAxis('glu', axis, x.dims.length);
  const size = x.dims[at]!;
  if (typeof size !== 'number' || size % 2 !== 0)
    throw shapeError('glu', `axis ${axis} of ${formatDims(x.dims)} has no two halves.`, 'It needs an even size.');
  return mul(slice(x, at, 0, size / 2), sigmoid(slice(x, at, size / 2, size)));
}
