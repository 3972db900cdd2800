import { type Expr, ops } from '@polymodal/autograd';
import { convolution, groupNorm } from '../convolution.js';
import { moduleList } from '../layers.js';
import { type Layer, layer } from '../module.js';
import { checkSizeLists, checkSizes, refuseOthers } from './config-checks.js';
import { downsampleBlock, upsampleBlock } from './resampling.js';
import { spatialAttention } from './spatial-attention.js';
import { downStage, middleStage, upStage } from './unet-stages.js';

/** The fields of a published `config.json` of diffusers' AutoencoderKL. */
export interface AutoencoderKlConfig {
  readonly in_channels: number;
  readonly out_channels: number;
  readonly latent_channels: number;
  /** Channels of each resolution, the highest first. */
  readonly block_out_channels: readonly number[];
  /** Default 1. */
  readonly layers_per_block?: number;
  /** Default 32. */
  readonly norm_num_groups?: number;
}

/** That of Stable Diffusion 1, 2 and XL, whose latents are the means times 0.18215; in XL, 0.13025. */
export const stableDiffusionAutoencoder = {
  in_channels: 3,
  out_channels: 3,
  latent_channels: 4,
  block_out_channels: [128, 256, 512, 512],
  layers_per_block: 2,
} as const satisfies AutoencoderKlConfig;

/** A normal distribution for every element of a latent picture. */
export interface LatentDistribution {
  /** [batch, latent_channels, height / f, width / f] */
  readonly mean: Expr;
  /** The logarithm of the variance, between −30 and 20; shaped as the mean. */
  readonly logVariance: Expr;
}

export interface AutoencoderKl extends Layer<[pixels: Expr]> {
  /** Pixels in [−1, 1], [batch, in_channels, height, width]; f = 2 ^ (resolutions − 1). */
  encode(pixels: Expr): LatentDistribution;
  /** [batch, latent_channels, height, width] → pixels [batch, out_channels, f · height, f · width] */
  decode(latents: Expr): Expr;
}

const builtHere = {
  act_fn: ['silu', 'swish'],
  down_block_types: ['DownEncoderBlock2D'],
  mid_block_add_attention: [true],
  up_block_types: ['UpDecoderBlock2D'],
  use_post_quant_conv: [true],
  use_quant_conv: [true],
} as const;

/** Convolution, stages, and a normalised convolution for an output. */
function coder(
  [inputs, outputs]: readonly [number, number],
  [from, to]: readonly [number, number],
  groups: number,
  parts: Readonly<Record<string, Layer | { readonly tree: Layer['tree'] }>>,
  inner: (x: Expr) => Expr,
): Layer {
  const conv_in = convolution(inputs, from, { kernel: [3, 3], padding: 1 });
  const conv_norm_out = groupNorm(to, groups, { epsilon: 1e-6 });
  const conv_out = convolution(to, outputs, { kernel: [3, 3], padding: 1 });
  return layer({ conv_in, ...parts, conv_norm_out, conv_out }, (x: Expr) => conv_out(ops.silu(conv_norm_out(inner(conv_in(x))))));
}

/**
 * The autoencoder of latent diffusion (Rombach et al. 2022, arXiv 2112.10752): called with pixels it gives them back, decoded from the mean.
 * Parameters have the names of diffusers' AutoencoderKL: `encoder.down_blocks.0.resnets.0.conv1.weight`, `encoder.mid_block.attentions.0.to_q.weight`
 * (`query` in older files, which `diffusersNames` renames), `quant_conv.weight`, `post_quant_conv.weight`, `decoder.up_blocks.0.…`.
 * Throws TrainingError `NN_CONFIG` for fields that are missing or ask for what is not built here.
 */
export function autoencoderKl(config: AutoencoderKlConfig): AutoencoderKl {
  refuseOthers('autoencoderKl', config, builtHere);
  const { block_out_channels: channels, latent_channels, layers_per_block = 1, norm_num_groups: groups = 32 } = config;
  checkSizes('autoencoderKl', config, ['in_channels', 'out_channels', 'latent_channels']);
  checkSizes('autoencoderKl', { layers_per_block, norm_num_groups: groups }, ['layers_per_block', 'norm_num_groups']);
  checkSizeLists('autoencoderKl', config, ['block_out_channels']);
  const common = { groups, epsilon: 1e-6 };
  const [first, last] = [channels[0]!, channels.at(-1)!];
  const attention = () => spatialAttention({ channels: last, groups });
  const middle = () => middleStage({ ...common, inputs: [last, last], outputs: last, attention });
  const stage = (before: number, outputs: number, layers: number) => ({
    ...common,
    inputs: Array.from({ length: layers }, (_, j) => (j === 0 ? before : outputs)),
    outputs,
  });

  const down = channels.map((width, i) => {
    const downsampler = i === channels.length - 1 ? undefined : downsampleBlock(width, { asymmetric: true });
    return downStage(stage(channels[i - 1] ?? first, width, layers_per_block), downsampler);
  });
  const reading = middle();
  const encoder = coder(
    [config.in_channels, 2 * latent_channels],
    [first, last],
    groups,
    { down_blocks: moduleList(down), mid_block: reading },
    (x) =>
      reading(
        down.reduce((y, one) => one(y, {}).y, x),
        {},
      ),
  );

  const up = [...channels.keys()].reverse().map((i) => {
    const width = channels[i]!;
    return upStage(stage(channels[i + 1] ?? last, width, layers_per_block + 1), i === 0 ? undefined : upsampleBlock(width));
  });
  const writing = middle();
  const decoder = coder(
    [latent_channels, config.out_channels],
    [last, first],
    groups,
    { up_blocks: moduleList(up), mid_block: writing },
    (x) => up.reduce((y, one) => one(y, [], {}), writing(x, {})),
  );

  const quant_conv = convolution(2 * latent_channels, 2 * latent_channels, { kernel: [1, 1] });
  const post_quant_conv = convolution(latent_channels, latent_channels, { kernel: [1, 1] });
  const encode = (pixels: Expr): LatentDistribution => {
    const [mean, logVariance] = ops.split(quant_conv(encoder(pixels)), 2, 1) as [Expr, Expr];
    return { mean, logVariance: ops.clamp(logVariance, { minimum: -30, maximum: 20 }) };
  };
  const decode = (latents: Expr): Expr => decoder(post_quant_conv(latents));
  const forward = (pixels: Expr): Expr => decode(encode(pixels).mean);
  return Object.assign(layer({ encoder, decoder, quant_conv, post_quant_conv }, forward), { encode, decode });
}
