import { type Expr, ops } from '@polymodal/autograd';
import { convolution, groupNorm } from '../convolution.js';
import { zeros } from '../initialize.js';
import { layerNorm, linear, moduleList } from '../layers.js';
import type { Adapt } from '../lora.js';
import { type Layer, layer } from '../module.js';
import { adaptWithin, imageToRows, rowAttention, rowsToImage } from './spatial-attention.js';

export interface SpatialTransformerOptions {
  readonly channels: number;
  readonly heads: number;
  /** Width of what the picture is conditioned on; left out, the second attention of a block is among positions too. */
  readonly contextWidth?: number;
  /** Transformer blocks; default 1. */
  readonly layers?: number;
  /** Groups of channels that are normalised together; default 32. */
  readonly groups?: number;
  /** Whether the first and last projections are matrices, as in Stable Diffusion 2 and XL, and not convolutions; default false. */
  readonly linearProjection?: boolean;
  /** May change the linear layers. */
  readonly adapt?: Adapt | undefined;
}

/** A gated feed-forward part, GEGLU (Shazeer 2020, arXiv 2002.05202). [batch, length, width] → the same */
function gatedFeedForward(width: number, adapt: Adapt): Layer {
  const proj = adapt(linear(width, 8 * width), 'net.0.proj');
  const down = adapt(linear(4 * width, width), 'net.2');
  return layer({ net: { tree: { 0: { tree: { proj } }, 2: down } } }, (x: Expr) => {
    const [value, gate] = ops.split(proj(x), 2) as [Expr, Expr]; // [batch, length, 4 · width] each
    return down(ops.mul(value, ops.gelu(gate)));
  });
}

/** Pre-norm block: attention within x [batch, length, width], attention to the context [batch, keys, contextWidth], feed-forward part. */
function block({
  channels: width,
  heads,
  contextWidth: keyWidth = width,
  adapt,
}: SpatialTransformerOptions): Layer<[x: Expr, context?: Expr, mask?: Expr]> {
  const [norm1, norm2, norm3] = [layerNorm(width), layerNorm(width), layerNorm(width)] as const;
  const attn1 = rowAttention({ width, heads, bias: false, adapt: adaptWithin(adapt, 'attn1') });
  const attn2 = rowAttention({ width, heads, keyWidth, bias: false, adapt: adaptWithin(adapt, 'attn2') });
  const ff = gatedFeedForward(width, adaptWithin(adapt, 'ff'));
  return layer({ norm1, attn1, norm2, attn2, norm3, ff }, (x: Expr, context?: Expr, mask?: Expr) => {
    const own = ops.add(attn1(norm1(x)), x);
    const across = ops.add(attn2(norm2(own), context, mask), own);
    return ops.add(ff(norm3(across)), across);
  });
}

/**
 * The spatial transformer of latent diffusion (Rombach et al. 2022, arXiv 2112.10752): positions of a picture look at each other and at a context,
 * such as the tokens of a text. x [batch, channels, height, width], context [batch, keys, contextWidth] → the same as x; the mask, bool
 * or added to the scores, broadcasts to [batch, heads, height · width, keys]. It starts as the identity. Parameters have diffusers'
 * names: `norm`, `proj_in`, `transformer_blocks.0.attn1.to_q`, `….attn2`, `….ff.net.0.proj`, `….ff.net.2`, `proj_out`. Throws TrainingError `NN_HEADS`.
 */
export function spatialTransformer(options: SpatialTransformerOptions): Layer<[x: Expr, context?: Expr, mask?: Expr]> {
  const { channels, layers = 1, groups = 32, linearProjection = false, adapt = (one) => one } = options;
  const silent = { weightInitializer: zeros, biasInitializer: zeros };
  const norm = groupNorm(channels, groups, { epsilon: 1e-6 });
  const blocks = Array.from({ length: layers }, (_, i) =>
    block({ ...options, adapt: adaptWithin(options.adapt, `transformer_blocks.${i}`) }),
  );
  const kernel = [1, 1];
  const proj_in = linearProjection ? adapt(linear(channels, channels), 'proj_in') : convolution(channels, channels, { kernel });
  const proj_out = linearProjection
    ? adapt(linear(channels, channels, silent), 'proj_out')
    : convolution(channels, channels, { kernel, ...silent });
  return layer({ norm, proj_in, transformer_blocks: moduleList(blocks), proj_out }, (x: Expr, context?: Expr, mask?: Expr) => {
    const rows = linearProjection ? proj_in(imageToRows(norm(x))) : imageToRows(proj_in(norm(x))); // [batch, height · width, channels]
    const mixed = blocks.reduce((all, one) => one(all, context, mask), rows);
    return ops.add(linearProjection ? rowsToImage(proj_out(mixed), x) : proj_out(rowsToImage(mixed, x)), x);
  });
}
