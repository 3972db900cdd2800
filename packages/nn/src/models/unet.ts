import { type Expr, ops } from '@polymodal/autograd';
import { convolution, groupNorm } from '../convolution.js';
import { normal, zeros } from '../initialize.js';
import { embedding, moduleList } from '../layers.js';
import type { Adapt } from '../lora.js';
import { conditionError } from '../model-errors.js';
import { type Layer, layer } from '../module.js';
import { checkSizes } from './config-checks.js';
import { downsampleBlock, upsampleBlock } from './resampling.js';
import { adaptWithin, spatialAttention } from './spatial-attention.js';
import { spatialTransformer } from './spatial-transformer.js';
import { sinusoids, timeEmbedding } from './time-embedding.js';
import { type UnetConfig, type UnetLevel, unetLevels } from './unet-config.js';
import { downStage, middleStage, type StageOptions, upStage } from './unet-stages.js';

/** What a UNet is conditioned on beside the step; a model takes what its config names, and nothing else. */
export interface UnetConditions {
  /** What positions look at, such as the tokens of a text. [batch, keys, cross_attention_dim] */
  readonly context?: Expr;
  /** Which keys of the context may be looked at: bool, broadcasts to [batch, heads, positions, keys]. */
  readonly contextMask?: Expr;
  /** With `num_class_embeds`: int64 [batch]. */
  readonly classes?: Expr;
  /** With `addition_embed_type` 'text_time': one vector for a text. [batch, width] */
  readonly pooledText?: Expr;
  /** With it too: numbers such as the original size, the crop and the size. int64 or float32 [batch, 6] */
  readonly sizes?: Expr;
}

function checkConditions(needs: Readonly<Record<string, boolean>>, conditions: UnetConditions): void {
  const given = new Set(Object.entries(conditions).flatMap(([name, value]) => (value === undefined ? [] : [name])));
  for (const [name, needed] of Object.entries(needs))
    if (needed && !given.has(name)) throw conditionError('unet', name, 'Pass it among the conditions: the config asks for it.', true);
  for (const name of given)
    if (needs[name === 'contextMask' ? 'context' : name] !== true)
      throw conditionError('unet', name, 'Leave it out, or take a config with it.', false);
}

/** The three parts between the first and the last convolution. */
function stages(config: UnetConfig, levels: readonly UnetLevel[], timeWidth: number, adapt: Adapt | undefined) {
  const { norm_num_groups: groups = 32, norm_eps: epsilon = 1e-5, use_linear_projection: linearProjection = false, dropout = 0 } = config;
  const attention = (stage: string, level: UnetLevel, to: UnetLevel['down']): StageOptions['attention'] => {
    const { channels, heads, ownHeads, contextWidth, transformerLayers: layers } = level;
    const at = (place: string) => adaptWithin(adapt, `${stage}.${place}`);
    if (to === 'nothing') return undefined;
    if (to === 'positions') return (place) => spatialAttention({ channels, heads: ownHeads, groups, epsilon, adapt: at(place) });
    return (place) => {
      const context = contextWidth === undefined ? {} : { contextWidth };
      return spatialTransformer({ channels, heads, layers, groups, linearProjection, adapt: at(place), ...context });
    };
  };
  const common = { groups, epsilon, timeWidth, dropout };
  const first = levels[0]!.channels;
  const held = [first]; // channels of the skips
  const down = levels.map((level, i) => {
    const { channels, layers } = level;
    const before = levels[i - 1]?.channels ?? first;
    const inputs = Array.from({ length: layers }, (_, j) => (j === 0 ? before : channels));
    const last = i === levels.length - 1;
    held.push(...new Array<number>(layers + (last ? 0 : 1)).fill(channels));
    const downsampler = last ? undefined : downsampleBlock(channels, { asymmetric: config.downsample_padding === 0 });
    return downStage({ ...common, inputs, outputs: channels, attention: attention(`down_blocks.${i}`, level, level.down) }, downsampler);
  });
  const lowest = levels.at(-1)!;
  const middle = middleStage({
    ...common,
    inputs: [lowest.channels, lowest.channels],
    outputs: lowest.channels,
    attention: attention('mid_block', lowest, lowest.contextWidth === undefined ? 'positions' : 'context')!,
  });
  const up = [...levels.keys()].reverse().map((i) => {
    const level = levels[i]!;
    const { channels, layers } = level;
    const before = levels[i + 1]?.channels ?? channels;
    const inputs = Array.from({ length: layers + 1 }, (_, j) => (j === 0 ? before : channels) + held.pop()!);
    return upStage(
      { ...common, inputs, outputs: channels, attention: attention(`up_blocks.${levels.length - 1 - i}`, level, level.up) },
      i === 0 ? undefined : upsampleBlock(channels),
    );
  });
  return { down, middle, up };
}

/** What `text_time` adds to the embedding of the step. */
function additionOf(config: UnetConfig, timeWidth: number) {
  const { addition_embed_type: type, addition_time_embed_dim: width, projection_class_embeddings_input_dim: inputs } = config;
  if (type !== 'text_time') return undefined;
  checkSizes('unet', config, ['addition_time_embed_dim', 'projection_class_embeddings_input_dim']);
  return { width: width!, embed: timeEmbedding(inputs!, timeWidth) };
}

/**
 * The UNet of latent diffusion (Ho et al. 2020, arXiv 2006.11239; Rombach et al. 2022, arXiv 2112.10752), with a context or without: a noisy sample
 * [batch, in_channels, height, width], the step as int64 or float32 [batch] or [1], and conditions → [batch, out_channels, height, width]. It
 * starts with 0 for an output. Parameters have the names of diffusers' UNet2DConditionModel and UNet2DModel: `conv_in.weight`,
 * `time_embedding.linear_1.weight`, `down_blocks.0.resnets.0.conv1.weight`, `down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight`,
 * `mid_block.…`, `up_blocks.0.upsamplers.0.conv.weight`, `conv_out.weight`. `adapt` may change the linear layers of attention.
 *
 * Throws TrainingError: `NN_CONFIG` for fields that are missing or ask for what is not built here, `NN_HEADS`, and `NN_CONDITION` for a condition that is
 * missing or not taken.
 */
export function unet(
  config: UnetConfig,
  { adapt }: { readonly adapt?: Adapt } = {},
): Layer<[sample: Expr, time: Expr, conditions?: UnetConditions]> {
  const { norm_num_groups: groups = 32, norm_eps: epsilon = 1e-5, num_class_embeds: classCount } = config;
  const levels = unetLevels(config);
  const width = levels[0]!.channels;
  const waves = { cosineFirst: config.flip_sin_to_cos ?? true, shift: config.freq_shift ?? 0 };
  const conv_in = convolution(config.in_channels, width, { kernel: [3, 3], padding: 1 });
  const time_embedding = timeEmbedding(width, 4 * width);
  const class_embedding = typeof classCount === 'number' ? embedding(classCount, 4 * width, { weightInitializer: normal(1) }) : undefined;
  const addition = additionOf(config, 4 * width);
  const { down, middle, up } = stages(config, levels, 4 * width, adapt);
  const conv_norm_out = groupNorm(width, groups, { epsilon });
  const conv_out = convolution(width, config.out_channels, {
    kernel: [3, 3],
    padding: 1,
    weightInitializer: zeros,
    biasInitializer: zeros,
  });
  const tree = {
    conv_in,
    time_embedding,
    class_embedding,
    add_embedding: addition?.embed,
    down_blocks: moduleList(down),
    mid_block: middle,
    up_blocks: moduleList(up),
    conv_norm_out,
    conv_out,
  };
  const needs = {
    context: levels.some(({ contextWidth }) => contextWidth !== undefined),
    classes: class_embedding !== undefined,
    pooledText: addition !== undefined,
    sizes: addition !== undefined,
  };
  return layer(tree, (sample: Expr, time: Expr, conditions: UnetConditions = {}) => {
    checkConditions(needs, conditions);
    const { context, contextMask: mask, classes, pooledText, sizes } = conditions;
    let embedded = time_embedding(sinusoids(time, width, waves)); // [batch or 1, 4 · width]
    if (class_embedding !== undefined) embedded = ops.add(embedded, class_embedding(classes!));
    if (addition !== undefined) {
      const [batch, count] = sizes!.dims as [number, number];
      const measured = ops.reshape(sinusoids(sizes!, addition.width, waves), [batch, count * addition.width]);
      embedded = ops.add(embedded, addition.embed(ops.concat([pooledText!, measured], 1)));
    }
    const conditioning = { time: embedded, ...(context && { context }), ...(mask && { mask }) };
    let x = conv_in(sample); // [batch, width, height, width]
    const held = [x];
    for (const stage of down) {
      const { y, skips } = stage(x, conditioning);
      held.push(...skips);
      x = y;
    }
    x = middle(x, conditioning);
    up.forEach((stage, i) => {
      const own = held.splice(-(levels.at(-1 - i)!.layers + 1)).reverse();
      x = stage(x, own, conditioning, held.at(-1));
    });
    return conv_out(ops.silu(conv_norm_out(x)));
  });
}
