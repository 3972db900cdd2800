import { type Expr, ops } from '@polymodal/autograd';
import { embedding, type Layer, layer, layerNorm, maskScores, moduleList, normal } from '@polymodal/nn';
import type { TextTransformerConfig } from '../config.js';
import { encoderLayers } from './encoder-layer.js';

/** 1 at the first end-of-text token of each row, else 0. `ids` [batch, length] → [batch, length] float32 */
function endOfTextMask(ids: Expr, positions: Expr, endId: number): Expr {
  // OpenAI pools where the id is largest; configurations that name the end-of-text id pool at its first occurrence.
  const scores = endId === 2 ? ids : ops.cast(ops.equal(ids, endId), 'int64');
  const at = ops.expandDims(ops.argmax(scores, 1), -1); // [batch, 1]
  return ops.cast(ops.equal(at, positions), 'float32');
}

/** CLIP's text tower up to its pooled state: causal, read at the end-of-text token. [batch, length] int64 → [batch, width] */
export function textTransformer(config: TextTransformerConfig): Layer {
  const { hidden_size: width, max_position_embeddings: context, layer_norm_eps: epsilon } = config;
  const token_embedding = embedding(config.vocab_size, width, { weightInitializer: normal(0.02) });
  const positions = ops.parameter([context, width], normal(0.01));
  const final_layer_norm = layerNorm(width, { epsilon });
  const blocks = encoderLayers(config);
  const embeddings = { tree: { token_embedding, position_embedding: { tree: { weight: positions } } } };
  return layer({ embeddings, encoder: { tree: { layers: moduleList(blocks) } }, final_layer_norm }, (ids: Expr) => {
    const [batch, length] = ids.dims as readonly [number, number];
    const mask = maskScores(ops.slice(ops.slice(ops.causalMask(context), 0, 0, length), 1, 0, length)); // [length, length]
    const embedded = ops.add(token_embedding(ids), ops.slice(positions, 0, 0, length)); // [batch, length, width]
    const encoded = final_layer_norm(blocks.reduce((x, block) => block(x, mask), embedded));
    const pick = ops.expandDims(endOfTextMask(ids, ops.slice(ops.range(context), 0, 0, length), config.eos_token_id), 1); // [batch, 1, length]
    return ops.reshape(ops.matmul(pick, encoded), [batch, width]);
  });
}
