import { AutogradError } from '../errors.js';
import { type Expr, requireExpr } from '../expr.js';
import { less, mul, where } from './elementwise.js';
import { draw, type RandomOptions } from './random-uniform.js';

export interface DropoutOptions extends RandomOptions {
  /** The share of elements that become 0, in [0, 1); a multiple of 2⁻¹⁶ is used, the next above. */
  readonly rate: number;
}

/**
 * Zeros a random share of `x` and scales the rest up, so that the mean stays (Srivastava et al. 2014). For training graphs: a graph for
 * inference leaves it out. One seed and stream give the same elements on every platform.
 */
export function dropout(x: Expr, options: DropoutOptions): Expr {
  requireExpr('dropout', x);
  const { rate } = options;
  if (!(rate >= 0 && rate < 1))
    throw new AutogradError({
      code: 'AUTOGRAD_ARGUMENT',
      message: `dropout: the rate is ${rate}.`,
      fix: 'Give a share from 0 to less than 1.',
    });
  const dropped = Math.min(Math.ceil(rate * 2 ** 16), 2 ** 16 - 1) / 2 ** 16;
  if (dropped === 0) return x;
  const kept = where(less(draw('dropout', x.dims, 16, options), dropped), 0, 1 / (1 - dropped));
  return mul(x, kept);
}
