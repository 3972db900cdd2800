import { type Expr, ops } from '@polymodal/autograd';
import { checkHeads, maskScores, mergeHeads, splitHeads } from '../attention.js';
import { groupNorm } from '../convolution.js';
import { zeros } from '../initialize.js';
import { linear, moduleList } from '../layers.js';
import type { Adapt } from '../lora.js';
import { type Layer, layer } from '../module.js';

/** Positions as rows. [batch, channels, height, width] → [batch, height · width, channels] */
export function imageToRows(x: Expr): Expr {
  const [batch, channels, height, width] = x.dims as [number, number, number, number];
  return ops.transpose(ops.reshape(x, [batch, channels, height * width]));
}

/** The way back, to the height and width of `like`. [batch, height · width, channels] → [batch, channels, height, width] */
export function rowsToImage(rows: Expr, like: Expr): Expr {
  const [batch, , height, width] = like.dims;
  return ops.reshape(ops.transpose(rows), [batch!, rows.dims[2]!, height!, width!]);
}

export interface RowAttentionOptions {
  readonly width: number;
  readonly heads: number;
  /** Width of what is looked at; default: that of the queries. */
  readonly keyWidth?: number;
  /** Whether queries, keys and values have biases; the output always has one. */
  readonly bias: boolean;
  /** Whether the output starts as 0. */
  readonly silent?: boolean;
  readonly adapt?: Adapt | undefined;
}

/** The adapter of a part of a model: names begin with that of the part. */
export function adaptWithin(adapt: Adapt | undefined, place: string): Adapt {
  return adapt === undefined ? (layer) => layer : (layer, name) => adapt(layer, `${place}.${name}`);
}

/** Attention from x [batch, n, width] to keys [batch, m, keyWidth], by default to itself, under diffusers' names. → [batch, n, width] */
export function rowAttention(options: RowAttentionOptions): Layer<[x: Expr, keys?: Expr, mask?: Expr]> {
  const { width, heads, keyWidth = width, bias, silent = false, adapt = (layer) => layer } = options;
  checkHeads(width, heads);
  const to_q = adapt(linear(width, width, { bias }), 'to_q');
  const [to_k, to_v] = [adapt(linear(keyWidth, width, { bias }), 'to_k'), adapt(linear(keyWidth, width, { bias }), 'to_v')];
  const output = adapt(linear(width, width, silent ? { weightInitializer: zeros, biasInitializer: zeros } : {}), 'to_out.0');
  return layer({ to_q, to_k, to_v, to_out: moduleList([output]) }, (x: Expr, keys: Expr = x, mask?: Expr) => {
    const [q, k, v] = [to_q(x), to_k(keys), to_v(keys)].map((rows) => splitHeads(rows, heads)) as [Expr, Expr, Expr];
    return output(mergeHeads(ops.attention(q, k, v, mask && { bias: maskScores(mask) })));
  });
}

export interface SpatialAttentionOptions {
  readonly channels: number;
  /** Default 1. */
  readonly heads?: number;
  /** Groups of channels that are normalised together; default 32. */
  readonly groups?: number;
  /** Default 1e-6. */
  readonly epsilon?: number;
  /** May change the linear layers. */
  readonly adapt?: Adapt | undefined;
}

/**
 * Attention among the positions of a picture, added to it: that of autoencoders of latent diffusion and of unconditional UNets (Ho et al. 2020,
 * arXiv 2006.11239). x [batch, channels, height, width] → the same. It starts as the identity. Parameters have diffusers' names: `group_norm`,
 * `to_q`, `to_k`, `to_v`, `to_out.0`; `diffusersNames` renames those of older files. Throws TrainingError `NN_HEADS`.
 */
export function spatialAttention({ channels, heads = 1, groups = 32, epsilon = 1e-6, adapt }: SpatialAttentionOptions): Layer {
  const group_norm = groupNorm(channels, groups, { epsilon });
  const attention = rowAttention({ width: channels, heads, bias: true, silent: true, adapt });
  return layer({ group_norm, ...attention.tree }, (x: Expr) => ops.add(rowsToImage(attention(imageToRows(group_norm(x))), x), x));
}
