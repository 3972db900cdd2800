import { configError } from '../model-errors.js';
import { checkField, checkSizeLists, checkSizes, isSize, refuseOthers } from './config-checks.js';

/** The fields of a published `config.json` of diffusers' UNet2DConditionModel and UNet2DModel. */
export interface UnetConfig {
  readonly in_channels: number;
  readonly out_channels: number;
  /** Channels of each resolution, the highest first. */
  readonly block_out_channels: readonly number[];
  /** `CrossAttnDownBlock2D`, `AttnDownBlock2D` or `DownBlock2D` for each resolution. */
  readonly down_block_types: readonly string[];
  /** `CrossAttnUpBlock2D`, `AttnUpBlock2D` or `UpBlock2D`, the lowest resolution first. */
  readonly up_block_types: readonly string[];
  /** Default 2. */
  readonly layers_per_block?: number | readonly number[];
  /** Width of the context; left out for a UNet without. */
  readonly cross_attention_dim?: number | readonly number[];
  /** With a context, in spite of its name, the number of heads; without, the width of a head, where null means one head. Default 8. */
  readonly attention_head_dim?: number | readonly number[] | null;
  /** Default 1. */
  readonly transformer_layers_per_block?: number | readonly number[];
  /** Default false. */
  readonly use_linear_projection?: boolean;
  /** Default 32. */
  readonly norm_num_groups?: number;
  /** Default 1e-5. */
  readonly norm_eps?: number;
  /** Default true. */
  readonly flip_sin_to_cos?: boolean;
  /** Default 0. */
  readonly freq_shift?: number;
  /** 0 for zeros at the right and below alone; default 1. */
  readonly downsample_padding?: number;
  /** The share that training drops in residual blocks; default 0. */
  readonly dropout?: number;
  /** Number of classes that a UNet is conditioned on. */
  readonly num_class_embeds?: number | null;
  /** 'text_time' in Stable Diffusion XL: a text's vector and the sizes of a picture are added to the time. */
  readonly addition_embed_type?: string | null;
  readonly addition_time_embed_dim?: number | null;
  readonly projection_class_embeddings_input_dim?: number | null;
}

const builtHere = {
  act_fn: ['silu', 'swish'],
  add_attention: [true],
  addition_embed_type: ['text_time'],
  attention_type: ['default'],
  attn_norm_num_groups: [],
  center_input_sample: [false],
  class_embed_type: [],
  class_embeddings_concat: [false],
  conv_in_kernel: [3],
  conv_out_kernel: [3],
  cross_attention_norm: [],
  down_block_types: ['CrossAttnDownBlock2D', 'AttnDownBlock2D', 'DownBlock2D'],
  downsample_padding: [0, 1],
  downsample_type: ['conv'],
  dual_cross_attention: [false],
  encoder_hid_dim: [],
  encoder_hid_dim_type: [],
  mid_block_only_cross_attention: [false],
  mid_block_scale_factor: [1],
  mid_block_type: ['UNetMidBlock2D', 'UNetMidBlock2DCrossAttn'],
  num_attention_heads: [],
  only_cross_attention: [false],
  resnet_out_scale_factor: [1],
  resnet_skip_time_act: [false],
  resnet_time_scale_shift: ['default'],
  reverse_transformer_layers_per_block: [],
  time_cond_proj_dim: [],
  time_embedding_act_fn: [],
  time_embedding_dim: [],
  time_embedding_type: ['positional'],
  timestep_post_act: [],
  up_block_types: ['CrossAttnUpBlock2D', 'AttnUpBlock2D', 'UpBlock2D'],
  upsample_type: ['conv'],
} as const;

/** What is attended to: positions and the context, positions alone, or nothing. */
type Attending = 'context' | 'positions' | 'nothing';

export interface UnetLevel {
  readonly channels: number;
  readonly layers: number;
  readonly down: Attending;
  readonly up: Attending;
  /** Heads that attend to positions and context. */
  readonly heads: number;
  /** Heads that attend to positions alone. */
  readonly ownHeads: number;
  readonly contextWidth: number | undefined;
  readonly transformerLayers: number;
}

const attending = (type: string): Attending => (type.startsWith('Cross') ? 'context' : type.startsWith('Attn') ? 'positions' : 'nothing');

/** One entry per resolution, the highest first. Throws TrainingError `NN_CONFIG`. */
export function unetLevels(config: UnetConfig): readonly UnetLevel[] {
  refuseOthers('unet', config, builtHere);
  checkSizes('unet', config, ['in_channels', 'out_channels'], ['norm_num_groups', 'num_class_embeds']);
  checkSizeLists('unet', config, ['block_out_channels']);
  const { block_out_channels: channels, down_block_types: down, up_block_types: up } = config;
  for (const [field, value] of Object.entries({ down_block_types: down, up_block_types: up }))
    checkField('unet', field, value, Array.isArray(value), 'a list of names of blocks');
  const count = channels.length;
  const each = <T>(field: string, value: T | readonly T[]): readonly T[] => {
    const list = Array.isArray(value) ? (value as readonly T[]) : new Array<T>(count).fill(value as T);
    if (list.length !== count)
      throw configError(`unet: ${field} has ${list.length} entries for ${count} resolutions.`, 'Give one for each of block_out_channels.');
    return list;
  };
  const sizes = <T>(field: string, value: T | readonly T[], ...others: readonly T[]): readonly T[] => {
    const list = each(field, value);
    const fits = list.every((one) => isSize(one) || others.includes(one));
    checkField('unet', field, value, fits, 'a whole number above 0, or a list of them');
    return list;
  };
  const [downs, ups] = [each('down_block_types', down), each('up_block_types', up)];
  const layers = sizes('layers_per_block', config.layers_per_block ?? 2);
  const contexts = sizes('cross_attention_dim', config.cross_attention_dim, undefined);
  const heads = sizes('attention_head_dim', config.attention_head_dim === undefined ? 8 : config.attention_head_dim, null);
  const transformers = sizes('transformer_layers_per_block', config.transformer_layers_per_block ?? 1);
  return channels.map((width, i) => {
    const level = {
      channels: width,
      layers: layers[i]!,
      down: attending(downs[i]!),
      up: attending(ups[count - 1 - i]!),
      heads: heads[i] ?? 1,
      ownHeads: width / (heads[i] ?? width),
      contextWidth: contexts[i],
      transformerLayers: transformers[i]!,
    };
    if (level.contextWidth === undefined && [level.down, level.up].includes('context'))
      throw configError(`unet: ${downs[i]} and ${ups[count - 1 - i]} without a cross_attention_dim.`, 'Give the width of the context.');
    return level;
  });
}

const stableDiffusion = {
  in_channels: 4,
  out_channels: 4,
  block_out_channels: [320, 640, 1280, 1280],
  down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
} as const;

/** The UNets of Stable Diffusion 1, 2 and XL, and that of Ho et al. 2020 for CIFAR-10. */
export const unetConfigs = {
  'stable-diffusion-1': { ...stableDiffusion, cross_attention_dim: 768, attention_head_dim: 8 },
  'stable-diffusion-2': {
    ...stableDiffusion,
    cross_attention_dim: 1024,
    attention_head_dim: [5, 10, 20, 20],
    use_linear_projection: true,
  },
  'stable-diffusion-xl': {
    in_channels: 4,
    out_channels: 4,
    block_out_channels: [320, 640, 1280],
    down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'],
    up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'UpBlock2D'],
    cross_attention_dim: 2048,
    attention_head_dim: [5, 10, 20],
    transformer_layers_per_block: [1, 2, 10],
    use_linear_projection: true,
    addition_embed_type: 'text_time',
    addition_time_embed_dim: 256,
    projection_class_embeddings_input_dim: 2816,
  },
  'ddpm-cifar10': {
    in_channels: 3,
    out_channels: 3,
    block_out_channels: [128, 256, 256, 256],
    down_block_types: ['DownBlock2D', 'AttnDownBlock2D', 'DownBlock2D', 'DownBlock2D'],
    up_block_types: ['UpBlock2D', 'UpBlock2D', 'AttnUpBlock2D', 'UpBlock2D'],
    attention_head_dim: null,
    norm_eps: 1e-6,
    flip_sin_to_cos: false,
    freq_shift: 1,
    downsample_padding: 0,
  },
} as const satisfies Readonly<Record<string, UnetConfig>>;
