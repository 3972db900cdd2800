import { ops } from '@polymodal/autograd';
import { contrastiveLoss, type DualEncoder } from '@polymodal/clip';
import type { BatchExpr, Loss } from '@polymodal/nn';
import type { StarterSettings } from './settings.js';

/**
 * The starter's loss: pictures against the names of all concepts, and against captions with keywords of the concepts in the batch.
 * Keywords are shared by many concepts, so among all of them most would be unfair negatives.
 */
export function starterLoss(model: DualEncoder, { captionWeight }: StarterSettings): (batch: BatchExpr) => Loss {
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
    return {
      loss: ops.add(byName, ops.mul(byCaption, captionWeight)),
      metrics: { byName, byCaption, logitScale: ops.exp(model.logitScale) },
    };
  };
}
