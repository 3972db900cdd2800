import { type Expr, type Initializer, ops } from '@polymodal/autograd';
import { dropout } from './dropout.js';
import { TrainingError } from './errors.js';
import { linear } from './layers.js';
import { type Layer, layer } from './module.js';

/** −∞ would give NaN in a row that is masked whole; this vanishes in a softmax all the same, and beside it every score does, in float64 too. */
const maskedScore = -1e30;

/** What a mask adds to the scores, for `ops.attention`'s bias: 0 where a bool mask is true, −10³⁰ elsewhere. One of float32 says so itself. */
export function maskScores(mask: Expr): Expr {
  return mask.type === 'bool' ? ops.where(mask, 0, maskedScore) : mask;
}

/** [batch, length, width] → [batch, heads, length, width / heads] */
export function splitHeads(x: Expr, heads: number): Expr {
  const [batch, length, width] = x.dims as [number, number, number];
  return ops.transpose(ops.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** [batch, heads, length, d] → [batch, length, heads · d] */
export function mergeHeads(x: Expr): Expr {
  const [batch, heads, length, d] = x.dims as [number, number, number, number];
  return ops.reshape(ops.transpose(x, [0, 2, 1, 3]), [batch, length, heads * d]);
}

export interface AttentionOptions {
  readonly weightInitializer?: Initializer;
  readonly outputInitializer?: Initializer;
  /** Whether the projections have biases; default true. */
  readonly bias?: boolean;
  /** The share of weights that training drops; default 0. */
  readonly dropout?: number;
}

/** Throws `NN_HEADS` for a width that does not divide. */
export function checkHeads(width: number, heads: number): void {
  if (!Number.isInteger(heads) || width % heads !== 0)
    throw new TrainingError({
      code: 'NN_HEADS',
      message: `width ${width} does not divide into ${heads} heads.`,
      fix: 'Choose a number of heads that divides the width.',
    });
}

/** Self-attention with one fused projection, its outputs ordered (3, heads, d). [batch, length, width] → the same */
export function selfAttention(width: number, heads: number, options: AttentionOptions = {}): Layer<[x: Expr, mask?: Expr]> {
  checkHeads(width, heads);
  const qkv = linear(width, 3 * width, options);
  const output = linear(width, width, { ...options, ...(options.outputInitializer && { weightInitializer: options.outputInitializer }) });
  const [d, weights] = [width / heads, dropout(options.dropout ?? 0)];
  return layer({ qkv, output }, (x: Expr, mask?: Expr) => {
    const [batch, length] = x.dims as [number, number];
    const split = ops.transpose(ops.reshape(qkv(x), [batch, length, 3, heads, d]), [2, 0, 3, 1, 4]); // [3, batch, heads, length, d]
    const [q, k, v] = [0, 1, 2].map((i) => ops.reshape(ops.slice(split, 0, i, i + 1), [batch, heads, length, d])) as [Expr, Expr, Expr];
    return output(mergeHeads(ops.attention(q, k, v, { weights, ...(mask && { bias: maskScores(mask) }) })));
  });
}

export interface MultiHeadAttentionOptions extends AttentionOptions {
  /** Width of what is looked at; default: that of the queries. */
  readonly keyWidth?: number;
}

/** Attention from `queries` [batch, n, width] to `keys` [batch, m, keyWidth], with separate projections. → [batch, n, width] */
export function multiHeadAttention(
  width: number,
  heads: number,
  options: MultiHeadAttentionOptions = {},
): Layer<[queries: Expr, keys: Expr, mask?: Expr]> {
  checkHeads(width, heads);
  const { keyWidth = width } = options;
  const [query, key, value] = [linear(width, width, options), linear(keyWidth, width, options), linear(keyWidth, width, options)] as const;
  const output = linear(width, width, { ...options, ...(options.outputInitializer && { weightInitializer: options.outputInitializer }) });
  const weights = dropout(options.dropout ?? 0);
  return layer({ query, key, value, output }, (queries: Expr, keys: Expr, mask?: Expr) =>
    output(
      mergeHeads(
        ops.attention(splitHeads(query(queries), heads), splitHeads(key(keys), heads), splitHeads(value(keys), heads), {
          weights,
          ...(mask && { bias: maskScores(mask) }),
        }),
      ),
    ),
  );
}
