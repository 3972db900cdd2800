import { type Expr, ops } from '@polymodal/autograd';
import { checkHeads, mergeHeads, splitHeads } from '../attention.js';
import { dropout } from '../dropout.js';
import { normal, xavierUniform, zeros } from '../initialize.js';
import { type ActivationName, activationOf, layerNorm, linear, moduleList } from '../layers.js';
import type { Adapt } from '../lora.js';
import { configError, inputError } from '../model-errors.js';
import { type Layer, layer } from '../module.js';
import { checkSizes, refuseOthers } from './config-checks.js';

/** The fields of a published `config.json`. */
export interface VitConfig {
  readonly image_size: number;
  readonly patch_size: number;
  /** Default 3. */
  readonly num_channels?: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  /** Default 'gelu', the exact form. */
  readonly hidden_act?: ActivationName;
  /** Default 1e-12, Hugging Face's; timm and JAX have 1e-6. */
  readonly layer_norm_eps?: number;
  /** The share of the embedding, and of what each half of a block adds, that training drops; default 0. */
  readonly hidden_dropout_prob?: number;
  /** Of attention's weights; default 0. */
  readonly attention_probs_dropout_prob?: number;
  /** Classes; 0 for a model without a head. Default: as many as `id2label` names. */
  readonly num_labels?: number;
  readonly id2label?: Readonly<Record<string, string>>;
}

const published = (patch_size: number, hidden_size: number, num_hidden_layers: number, num_attention_heads: number): VitConfig => ({
  image_size: 224,
  patch_size,
  hidden_size,
  num_hidden_layers,
  num_attention_heads,
  intermediate_size: 4 * hidden_size,
  num_labels: 1000,
});

/** The sizes of Dosovitskiy et al. and of DeiT at 224 pixels, with a head of 1000 classes. */
export const vitConfigs = {
  'tiny/16': published(16, 192, 12, 3),
  'small/16': published(16, 384, 12, 6),
  'base/16': published(16, 768, 12, 12),
  'base/32': published(32, 768, 12, 12),
  'large/16': published(16, 1024, 24, 16),
  'huge/14': published(14, 1280, 32, 16),
} as const;

function classesOf({ num_labels, id2label }: VitConfig): number {
  const count = num_labels ?? (id2label && Object.keys(id2label).length);
  if (Number.isSafeInteger(count) && count! >= 0) return count!;
  throw configError(
    `vit: num_labels is ${count === undefined ? 'missing, and so is id2label' : JSON.stringify(count)}.`,
    'Give the number of classes, 0 for a model without a head.',
  );
}

export interface Vit extends Layer<[pixels: Expr]> {
  /** All tokens after the last normalisation, the class token first. [batch, channels, size, size] → [batch, 1 + patches, width] */
  tokens(pixels: Expr): Expr;
}

/** Pre-norm block. [batch, length, width] → the same */
function block(config: VitConfig, name: string, adapt: Adapt): Layer {
  const {
    hidden_size: width,
    num_attention_heads: heads,
    intermediate_size,
    hidden_act = 'gelu',
    layer_norm_eps: epsilon = 1e-12,
  } = config;
  const project = (part: string, inputs: number, outputs: number) =>
    adapt(linear(inputs, outputs, { weightInitializer: xavierUniform, biasInitializer: zeros }), `${name}.${part}`);
  const [query, key, value] = ['query', 'key', 'value'].map((part) => project(`attention.attention.${part}`, width, width)) as [
    Layer,
    Layer,
    Layer,
  ];
  const dense = project('attention.output.dense', width, width);
  const up = project('intermediate.dense', width, intermediate_size);
  const down = project('output.dense', intermediate_size, width);
  const [weights, drop] = [dropout(config.attention_probs_dropout_prob ?? 0), dropout(config.hidden_dropout_prob ?? 0)];
  const activation = activationOf(hidden_act);
  const [layernorm_before, layernorm_after] = [layerNorm(width, { epsilon }), layerNorm(width, { epsilon })];
  const attention = { tree: { attention: { tree: { query, key, value } }, output: { tree: { dense } } } };
  const tree = { attention, intermediate: { tree: { dense: up } }, output: { tree: { dense: down } }, layernorm_before, layernorm_after };
  return layer(tree, (x: Expr) => {
    const normed = layernorm_before(x);
    const [q, k, v] = [query, key, value].map((projection) => splitHeads(projection(normed), heads)) as [Expr, Expr, Expr];
    const attended = ops.add(x, drop(dense(mergeHeads(ops.attention(q, k, v, { weights })))));
    return ops.add(attended, drop(down(activation(up(layernorm_after(attended))))));
  });
}

/**
 * Vision Transformer (Dosovitskiy et al. 2020, arXiv 2010.11929): pixels [batch, channels, size, size] → logits [batch, classes], or the class
 * token [batch, width] where there is no head. Parameters have the names of Hugging Face's ViTForImageClassification (`vitNames` renames
 * timm's): `vit.embeddings.cls_token` [1, 1, width], `vit.embeddings.position_embeddings` [1, 1 + patches, width],
 * `vit.embeddings.patch_embeddings.projection.weight` [width, channels, patch, patch], `vit.encoder.layer.0.attention.attention.query.weight`
 * …, `vit.layernorm.weight`, `classifier.weight`. `adapt` may change the linear layers of the blocks.
 * Throws TrainingError: `NN_CONFIG` for fields that are missing or ask for what is not built here, `NN_HEADS`, and `NN_INPUT` for
 * pictures of another size.
 */
export function vit(config: VitConfig, { adapt = (layer) => layer }: { readonly adapt?: Adapt } = {}): Vit {
  const { image_size, hidden_size: width, patch_size: stride, num_channels = 3, layer_norm_eps: epsilon = 1e-12 } = config;
  checkSizes(
    'vit',
    config,
    ['image_size', 'patch_size', 'hidden_size', 'num_hidden_layers', 'num_attention_heads', 'intermediate_size'],
    ['num_channels'],
  );
  refuseOthers('vit', config, { model_type: ['vit'], qkv_bias: [true] });
  checkHeads(width, config.num_attention_heads);
  const classes = classesOf(config);
  const count = Math.floor(image_size / stride) ** 2;
  const cls_token = ops.parameter([1, 1, width], zeros);
  const position_embeddings = ops.parameter([1, 1 + count, width], normal(0.02));
  const weight = ops.parameter([width, num_channels, stride, stride], normal(0.02));
  const bias = ops.parameter([width], zeros);
  const blocks = Array.from({ length: config.num_hidden_layers }, (_, i) => block(config, `vit.encoder.layer.${i}`, adapt));
  const drop = dropout(config.hidden_dropout_prob ?? 0);
  const layernorm = layerNorm(width, { epsilon });
  const classifier = classes === 0 ? undefined : linear(width, classes, { weightInitializer: zeros, biasInitializer: zeros });
  const patch_embeddings = { tree: { projection: { tree: { weight, bias } } } };
  const embeddings = { tree: { cls_token, position_embeddings, patch_embeddings } };
  const tokens = (pixels: Expr): Expr => {
    const [batch, , ...size] = pixels.dims;
    if (size.some((one) => one !== image_size))
      throw inputError(`vit: pictures are [${size.join(', ')}] pixels, not [${image_size}, ${image_size}].`, 'Resize them.');
    const patches = ops.convolution(pixels, weight, { stride, bias }); // [batch, width, rows, columns]
    const rows = ops.transpose(ops.reshape(patches, [batch!, width, count])); // [batch, patches, width]
    const embedded = ops.add(ops.concat([ops.expand(cls_token, [batch!, 1, width]), rows], 1), position_embeddings);
    return layernorm(blocks.reduce((x, one) => one(x), drop(embedded)));
  };
  const tree = { vit: { tree: { embeddings, encoder: { tree: { layer: moduleList(blocks) } }, layernorm } }, classifier };
  const forward = (pixels: Expr): Expr => {
    const classToken = ops.reshape(ops.slice(tokens(pixels), 1, 0, 1), [pixels.dims[0]!, width]);
    return classifier === undefined ? classToken : classifier(classToken);
  };
  return Object.assign(layer(tree, forward), { tokens, files: { prefix: 'vit.' } });
}
