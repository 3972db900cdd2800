import { type Expr, ops } from '@polymodal/autograd';
import { contrastiveLoss, type DualEncoder } from '@polymodal/clip';
import type { BatchExpr, Loss } from '@polymodal/nn';
import type { StarterSettings } from './settings.js';

/** Pulls drawings of one concept by different vendors together (supervised contrast: Khosla et al. 2020, arXiv 2004.11362, L_out). */
function viewLoss(images: Expr, shows: Expr, logitScale: Expr): Expr {
  const unit = ops.l2Normalize(images);
  const count = images.dims[0] as number;
  const self = ops.oneHot(ops.range(count), count); // [pictures, pictures]
  const logits = ops.sub(ops.mul(ops.matmul(unit, unit, { transposeB: true }), ops.exp(logitScale)), ops.mul(self, 1e4));
  const same = ops.sub(ops.cast(ops.equal(ops.expandDims(shows, 1), ops.expandDims(shows, 0)), 'float32'), self);
  const targets = ops.div(same, ops.maximum(ops.sum(same, -1, true), 1));
  return ops.neg(ops.mean(ops.sum(ops.mul(targets, ops.logSoftmax(logits)), -1)));
}

/**
 * The starter's loss: pictures against the names of all concepts, and against captions with keywords of the concepts in the batch.
 * Keywords are shared by many concepts, so among all of them most would be unfair negatives. A third term holds vendors' drawings of one concept together.
 */
export function starterLoss(model: DualEncoder, { captionWeight, viewWeight }: StarterSettings): (batch: BatchExpr) => Loss {
  return ({ pixels, names, nameGroups, pictureNames, captions, captionGroups, pictureCaptions }) => {
    const images = model.encodeImage(pixels!);
    const byName = contrastiveLoss(images, model.encodeText(names!), model.logitScale, {
      imageGroups: pictureNames!,
      textGroups: nameGroups!,
    });
    const byCaption = contrastiveLoss(images, model.encodeText(captions!), model.logitScale, {
      imageGroups: pictureCaptions!,
      textGroups: captionGroups!,
    });
    const byView = viewLoss(images, pictureNames!, model.logitScale);
    const loss = ops.add(ops.add(byName, ops.mul(byCaption, captionWeight)), ops.mul(byView, viewWeight));
    return { loss, metrics: { byName, byCaption, byView, logitScale: ops.exp(model.logitScale) } };
  };
}
