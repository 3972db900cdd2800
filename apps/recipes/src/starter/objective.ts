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
 * The starter's loss, four contrasts in one space: pictures against the names of all concepts, pictures against captions with keywords,
 * those captions against the names (which tells every keyword from 1,322 concepts, not from the few in a batch), and vendors' drawings of
 * one concept against each other.
 */
export function starterLoss(model: DualEncoder, settings: StarterSettings): (batch: BatchExpr) => Loss {
  return ({ pixels, shows, names, nameGroups, pictureNames, captions, captionShows }) => {
    const images = model.encodeImage(pixels!);
    const nameTexts = model.encodeText(names!);
    const captionTexts = model.encodeText(captions!);
    const scale = model.logitScale;
    const pictureCaptions = ops.gather(ops.transpose(captionShows!), shows!); // [pictures, captions]
    const byName = contrastiveLoss(images, nameTexts, scale, { imageGroups: pictureNames!, textGroups: nameGroups! });
    const byCaption = contrastiveLoss(images, captionTexts, scale, { positives: pictureCaptions });
    const byKeyword = contrastiveLoss(captionTexts, nameTexts, scale, { positives: captionShows! });
    const byView = viewLoss(images, shows!, scale);
    const loss = [
      ops.mul(byCaption, settings.captionWeight),
      ops.mul(byKeyword, settings.keywordWeight),
      ops.mul(byView, settings.viewWeight),
    ].reduce(ops.add, byName);
    return { loss, metrics: { byName, byCaption, byKeyword, byView, logitScale: ops.exp(scale) } };
  };
}
