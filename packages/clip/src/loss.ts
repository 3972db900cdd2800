import { type Expr, ops } from '@polymodal/autograd';

/** The largest logit scale: exp(t) is held at or below 100 (Radford et al. 2021, section 2.5). */
export const maxLogitScale = Math.log(100);

export interface ContrastiveLossOptions {
  /**
   * What each image and each text shows, as int64 ids [images] and [texts]; equal ids are positives of each other. So a caption that
   * occurs twice in a batch is no false negative, an image may have several captions, and texts without an image are negatives only.
   * Default: image i belongs to text i.
   */
  readonly imageGroups?: Expr;
  readonly textGroups?: Expr;
  /** Instead of groups, where right answers are no equivalence: 1 where image and text belong together, else 0. [images, texts] float32 */
  readonly positives?: Expr;
}

/** Cross-entropy of each row against its positives, which share the target equally; the mean over rows that have one (0 where none has). */
function rowLoss(logits: Expr, positives: Expr): Expr {
  const count = ops.sum(positives, -1, true); // [rows, 1]
  const targets = ops.div(positives, ops.maximum(count, 1));
  const rows = ops.maximum(ops.sum(ops.minimum(count, 1)), 1);
  return ops.neg(ops.div(ops.sum(ops.mul(targets, ops.logSoftmax(logits))), rows));
}

/** 1 where image and text have one id. [n, m] float32 */
function sameGroup(images: Expr, texts: Expr, options: ContrastiveLossOptions): Expr {
  const imageGroups = options.imageGroups ?? ops.range(images.dims[0] as number);
  const textGroups = options.textGroups ?? ops.range(texts.dims[0] as number);
  return ops.cast(ops.equal(ops.expandDims(imageGroups, 1), ops.expandDims(textGroups, 0)), 'float32');
}

/**
 * CLIP's symmetric contrastive loss: the mean of two cross-entropies over exp(logitScale) · I · Tᵀ (Radford et al. 2021, figure 3).
 * `images` [n, width] and `texts` [m, width], normalised here; `logitScale` is the logarithm of the scale. → scalar
 */
export function contrastiveLoss(images: Expr, texts: Expr, logitScale: Expr, options: ContrastiveLossOptions = {}): Expr {
  const logits = ops.mul(ops.matmul(ops.l2Normalize(images), ops.l2Normalize(texts), { transposeB: true }), ops.exp(logitScale)); // [n, m]
  const positives = options.positives ?? sameGroup(images, texts, options); // [n, m]
  return ops.mul(ops.add(rowLoss(logits, positives), rowLoss(ops.transpose(logits), ops.transpose(positives))), 0.5);
}
