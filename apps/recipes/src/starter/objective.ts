import { type Expr, ops } from '@polymodal/autograd';
import { contrastiveLoss, type DualEncoder } from '@polymodal/clip';
import type { BatchExpr, Loss } from '@polymodal/nn';
import type { StarterSettings } from './settings.js';

/** Pulls drawings of one concept by different vendors together (supervised contrast, Khosla et al. 2020, arXiv 2004.11362, L_out). */
function viewLoss(images: Expr, shows: Expr, logitScale: Expr): Expr {
  const unit = ops.l2Normalize(images);
  const count = images.dims[0] as number;
  const self = ops.oneHot(ops.range(count), count); // [n, n]
  const logits = ops.sub(ops.mul(ops.matmul(unit, unit, { transposeB: true }), ops.exp(logitScale)), ops.mul(self, 1e4));
  const same = ops.sub(ops.cast(ops.equal(ops.expandDims(shows, 1), ops.expandDims(shows, 0)), 'float32'), self);
  const others = ops.sum(same, -1, true);
  return ops.neg(ops.mean(ops.sum(ops.mul(ops.div(same, ops.maximum(others, 1)), ops.logSoftmax(logits)), -1)));
}

/** The starter's loss: pictures against the captions of all concepts, and pictures against each other. */
export function starterLoss(model: DualEncoder, { viewWeight }: StarterSettings): (batch: BatchExpr) => Loss {
  return ({ pixels, shows, ids, groups }) => {
    const images = model.encodeImage(pixels!);
    const texts = model.encodeText(ids!);
    const contrast = contrastiveLoss(images, texts, model.logitScale, { imageGroups: shows!, textGroups: groups! });
    if (viewWeight === 0) return contrast;
    const views = viewLoss(images, shows!, model.logitScale);
    return { loss: ops.add(contrast, ops.mul(views, viewWeight)), metrics: { contrast, views, logitScale: ops.exp(model.logitScale) } };
  };
}
