import type { TensorLike } from '@polymodal/modality-registry';
import { clipNames, renameWeights } from '@polymodal/nn';

/** Whether a state dict has the names of openai/CLIP rather than Hugging Face's. */
export function hasOpenAINames(tensors: ReadonlyMap<string, unknown>): boolean {
  return tensors.has('visual.class_embedding') || tensors.has('visual.conv1.weight');
}

/**
 * Renames the state dict of openai/CLIP (model.py) to Hugging Face's names: projections are transposed, fused q, k, v are split, and the
 * sizes that OpenAI's archives carry along are left out. Throws `CheckpointError` `CHECKPOINT_UNEXPECTED` for other names.
 */
export function fromOpenAINames<T extends TensorLike>(tensors: ReadonlyMap<string, T>): Map<string, T> {
  return renameWeights(tensors, clipNames);
}
