import { type Expr, ops } from '@polymodal/autograd';
import { activations, embedding, type Layer, layer, layerNorm, linear, normal } from '@polymodal/nn';
import type { BagOfTokensConfig } from '../config.js';

/**
 * A text tower for short captions: token embeddings are summed, scaled by 1/√count, normalised, and read by a feed-forward network
 * with a linear path beside it. Padding is recognised by its id. [batch, length] int64 → [batch, hidden_size]
 */
export function bagOfTokens(config: BagOfTokensConfig): Layer {
  const width = config.embedding_size;
  const token_embedding = embedding(config.vocab_size, width, { weightInitializer: normal(0.1) });
  const norm = layerNorm(width, { epsilon: config.layer_norm_eps });
  const fc1 = linear(width, config.intermediate_size);
  const fc2 = linear(config.intermediate_size, config.hidden_size);
  const skip = linear(width, config.hidden_size, { bias: false });
  return layer({ embeddings: { tree: { token_embedding } }, norm, mlp: { tree: { fc1, fc2 } }, skip }, (ids: Expr) => {
    const present = ops.cast(ops.not(ops.equal(ids, config.pad_token_id)), 'float32'); // [batch, length]
    const count = ops.maximum(ops.sum(present, 1, true), 1); // [batch, 1]
    const total = ops.matmul(ops.expandDims(present, 1), token_embedding(ids)); // [batch, 1, width]
    const bag = norm(ops.div(ops.reshape(total, [ids.dims[0]!, width]), ops.sqrt(count)));
    return ops.add(fc2(activations[config.hidden_act](fc1(bag))), skip(bag));
  });
}
