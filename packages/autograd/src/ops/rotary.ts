import { formatDims } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, requireExpr } from '../expr.js';
import { add, mul, sub } from './elementwise.js';
import { constant } from './leaf.js';
import { expandDims, reshape } from './shape.js';
import { concat, slice } from './slice.js';

export interface RotaryTables {
  /** [length, width / 2] */
  readonly cos: Expr;
  /** [length, width / 2] */
  readonly sin: Expr;
}

/**
 * Cosines and sines of position · base^(−2i / width), for heads of `width` at positions 0 … length − 1. For other positions, gather() rows
 * of both. [length, width / 2]
 */
export function rotaryTables(length: number, width: number, base = 10_000): RotaryTables {
  if (!Number.isInteger(length) || length < 1 || !Number.isInteger(width) || width < 2 || width % 2 !== 0)
    throw shapeError('rotaryTables', `${length} positions of width ${width}.`, 'The length is positive, the width positive and even.');
  const half = width / 2;
  const table = (f: (angle: number) => number) =>
    constant({
      type: 'float32',
      dims: [length, half],
      data: Float32Array.from({ length: length * half }, (_, at) => f(Math.floor(at / half) / base ** ((2 * (at % half)) / width))),
    });
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

export interface RotaryOptions {
  /** Which elements form a pair: 'halves' i and i + width / 2 (Llama, GPT-NeoX), 'neighbours' 2i and 2i + 1 (the paper, GPT-J). Default 'halves'. */
  readonly pairs?: 'halves' | 'neighbours';
}

/**
 * Turns pairs of elements of the last axis by angles that grow with position (Su et al. 2021, arXiv 2104.09864). The tables are
 * [length, width / 2], or broadcast to [..., length, width / 2]; where they are narrower than the pairs of `x`, the rest of the axis is
 * left as it is. [..., length, d] → the same
 */
export function rotary(x: Expr, { cos, sin }: RotaryTables, { pairs = 'halves' }: RotaryOptions = {}): Expr {
  requireExpr('rotary', x);
  const width = x.dims.at(-1);
  const half = cos.dims.at(-1);
  if (typeof width !== 'number' || typeof half !== 'number' || sin.dims.at(-1) !== half || 2 * half > width)
    throw shapeError(
      'rotary',
      `tables ${formatDims(cos.dims)} and ${formatDims(sin.dims)} for ${formatDims(x.dims)}.`,
      'Tables are [length, width / 2].',
    );
  if (2 * half < width) {
    const turned = rotary(slice(x, -1, 0, 2 * half), { cos, sin }, { pairs });
    return concat([turned, slice(x, -1, 2 * half, width)], -1);
  }
  if (pairs === 'halves') {
    const [a, b] = [slice(x, -1, 0, half), slice(x, -1, half, width)];
    return concat([sub(mul(a, cos), mul(b, sin)), add(mul(b, cos), mul(a, sin))], -1);
  }
  const split = reshape(x, [...x.dims.slice(0, -1), half, 2]);
  const [a, b] = [0, 1].map((i) => slice(split, -1, i, i + 1)) as [Expr, Expr]; // [..., length, d / 2, 1]
  const [c, s] = [expandDims(cos, -1), expandDims(sin, -1)];
  return reshape(concat([sub(mul(a, c), mul(b, s)), add(mul(b, c), mul(a, s))], -1), x.dims);
}
