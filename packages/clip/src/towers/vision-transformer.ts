import { type Expr, ops } from '@polymodal/autograd';
import { type Layer, layer, layerNorm, moduleList, normal } from '@polymodal/nn';
import type { VisionTransformerConfig } from '../config.js';
import { encoderLayers } from './encoder-layer.js';

/** CLIP's image tower up to its pooled state (Radford et al. 2021; openai/CLIP model.py). [batch, 3, size, size] → [batch, width] */
export function visionTransformer(config: VisionTransformerConfig): Layer {
  const { hidden_size: width, patch_size: patch, image_size: size, layer_norm_eps: epsilon } = config;
  const grid = Math.floor(size / patch);
  const class_embedding = ops.parameter([width], normal(width ** -0.5));
  const patchWeight = ops.parameter([width, 3, patch, patch], normal(0.02));
  const positions = ops.parameter([grid * grid + 1, width], normal(width ** -0.5));
  const pre_layrnorm = layerNorm(width, { epsilon }); // the misspelling is the published name
  const post_layernorm = layerNorm(width, { epsilon });
  const blocks = encoderLayers(config);
  const embeddings = {
    tree: { class_embedding, patch_embedding: { tree: { weight: patchWeight } }, position_embedding: { tree: { weight: positions } } },
  };
  return layer({ embeddings, pre_layrnorm, encoder: { tree: { layers: moduleList(blocks) } }, post_layernorm }, (pixels: Expr) => {
    const batch = pixels.dims[0]!;
    const patches = ops.convolution(pixels, patchWeight, { stride: patch }); // [batch, width, grid, grid]
    const tokens = ops.transpose(ops.reshape(patches, [batch, width, grid * grid])); // [batch, grid², width]
    const classToken = ops.expand(ops.reshape(class_embedding, [1, 1, width]), [batch, 1, width]);
    const embedded = pre_layrnorm(ops.add(ops.concat([classToken, tokens], 1), positions)); // [batch, 1 + grid², width]
    const encoded = blocks.reduce((x, block) => block(x), embedded);
    return post_layernorm(ops.reshape(ops.slice(encoded, 1, 0, 1), [batch, width]));
  });
}
