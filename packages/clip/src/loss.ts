import { type Expr, ops } from '@polymodal/autograd';

/** The largest logit scale: exp(t) is held at or below 100 (Radford et al. 2021, section 2.5). */
export const maxLogitScale = Math.log(100);

export interface ContrastiveLossOptions {
  /**
   * What each pair shows, as ids [batch] int64. Pairs of one id are positives of each other, so that a caption that occurs twice
   * in a batch is not a false negative. Default: every pair is its own.
   */
  readonly groups?: Expr;
}

/**
 * CLIP's symmetric contrastive loss: the mean of two cross-entropies over exp(logitScale) · I · Tᵀ.
 * `images` and `texts` [batch, width], normalised here; `logitScale` is the logarithm of the scale. → scalar
 */
export function contrastiveLoss(images: Expr, texts: Expr, logitScale: Expr, { groups }: ContrastiveLossOptions = {}): Expr {
  const logits = ops.mul(ops.matmul(ops.l2Normalize(images), ops.l2Normalize(texts), { transposeB: true }), ops.exp(logitScale)); // [batch, batch]
  const pairs = groups ?? ops.range(images.dims[0] as number);
  const same = ops.cast(ops.equal(ops.expandDims(pairs, 1), ops.expandDims(pairs, 0)), 'float32'); // [batch, batch]
  const targets = ops.div(same, ops.sum(same, -1, true)); // symmetric up to the row's count, and groups are the same for both sides
  return ops.mul(ops.add(ops.crossEntropy(logits, targets), ops.crossEntropy(ops.transpose(logits), targets)), 0.5);
}
