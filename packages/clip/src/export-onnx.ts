import { emitOnnx, ops, type StoredWeight } from '@polymodal/autograd';
import { namedParameters } from '@polymodal/nn';
import type { DualEncoder } from './dual-encoder.js';

/** Weights by name, in any form that a graph can store. */
export type StoredWeights = ReadonlyMap<string, StoredWeight>;

function emitTower(model: DualEncoder, weights: StoredWeights, output: Record<string, ReturnType<DualEncoder['encodeText']>>): Uint8Array {
  const parameters = new Map([...namedParameters(model)].map(([name, node]) => [node, name]));
  return emitOnnx({ outputs: output, parameters, weights });
}

/** The text tower as transformers.js expects it: `input_ids` [batch, sequence] int64 → `text_embeds` [batch, projection_dim]. */
export function exportTextModel(model: DualEncoder, weights: StoredWeights): Uint8Array {
  return emitTower(model, weights, { text_embeds: model.encodeText(ops.input('input_ids', 'int64', ['batch', 'sequence'])) });
}

/** The image tower as transformers.js expects it: `pixel_values` [batch, 3, size, size] → `image_embeds` [batch, projection_dim]. */
export function exportVisionModel(model: DualEncoder, weights: StoredWeights): Uint8Array {
  const size = model.config.vision_config.image_size;
  return emitTower(model, weights, { image_embeds: model.encodeImage(ops.input('pixel_values', 'float32', ['batch', 3, size, size])) });
}
