import { type Expr, type Initializer, ops } from '@polymodal/autograd';
import { activations, type Layer, layer, layerNorm, linear, mergeHeads, normal, splitHeads, zeros } from '@polymodal/nn';
import type { TextTransformerConfig } from '../config.js';

/** The fields of `config.json` that shape a transformer, the same for both towers. */
type EncoderConfig = Pick<
  TextTransformerConfig,
  'hidden_size' | 'intermediate_size' | 'num_attention_heads' | 'num_hidden_layers' | 'hidden_act' | 'layer_norm_eps'
>;

/** All blocks of a tower. */
export function encoderLayers(config: EncoderConfig): Layer<[x: Expr, mask?: Expr]>[] {
  return Array.from({ length: config.num_hidden_layers }, () => encoderLayer(config));
}

/** Pre-norm transformer block under the names of Hugging Face's CLIP. Initialised as in Radford et al. 2021, section 2.4 (openai/CLIP model.py). */
function encoderLayer(config: EncoderConfig): Layer<[x: Expr, mask?: Expr]> {
  const { hidden_size: width, intermediate_size: hidden, num_attention_heads: heads, num_hidden_layers: layers } = config;
  const { hidden_act: activation, layer_norm_eps: epsilon } = config;
  const projection = (inputs: number, outputs: number, weightInitializer: Initializer) =>
    linear(inputs, outputs, { weightInitializer, biasInitializer: zeros });
  const attentionStd = width ** -0.5;
  const outputStd = attentionStd * (2 * layers) ** -0.5;
  const [q_proj, k_proj, v_proj] = [0, 1, 2].map(() => projection(width, width, normal(attentionStd))) as [Layer, Layer, Layer];
  const out_proj = projection(width, width, normal(outputStd));
  const layer_norm1 = layerNorm(width, { epsilon });
  const layer_norm2 = layerNorm(width, { epsilon });
  const fc1 = projection(width, hidden, normal((2 * width) ** -0.5));
  const fc2 = projection(hidden, width, normal(outputStd));
  const tree = { layer_norm1, self_attn: { tree: { q_proj, k_proj, v_proj, out_proj } }, layer_norm2, mlp: { tree: { fc1, fc2 } } };
  return layer(tree, (x: Expr, mask?: Expr) => {
    const normed = layer_norm1(x); // [batch, length, width]
    const [q, k, v] = [q_proj, k_proj, v_proj].map((project) => splitHeads(project(normed), heads)) as [Expr, Expr, Expr]; // [batch, heads, length, d]
    const attended = ops.add(x, out_proj(mergeHeads(ops.attention(q, k, v, mask && { bias: mask }))));
    return ops.add(attended, fc2(activations[activation](fc1(layer_norm2(attended)))));
  });
}
