import { type Expr, ops } from '@polymodal/autograd';
import { moduleList } from '../layers.js';
import { type Layer, layer } from '../module.js';
import type { downsampleBlock, upsampleBlock } from './resampling.js';
import { residualBlock } from './residual-block.js';

/** What conditions every block of a UNet. */
export interface Conditioning {
  /** [batch or 1, timeWidth] */
  readonly time?: Expr;
  /** [batch, keys, contextWidth] */
  readonly context?: Expr;
  /** bool, broadcasts to [batch, heads, positions, keys]. */
  readonly mask?: Expr;
}

type Attention = Layer<[x: Expr, context?: Expr, mask?: Expr]>;

export interface StageOptions {
  /** Channels that each residual block reads; there are as many blocks. */
  readonly inputs: readonly number[];
  readonly outputs: number;
  readonly groups: number;
  readonly epsilon: number;
  readonly timeWidth?: number;
  readonly dropout?: number;
  /** Attention after every residual block. */
  readonly attention?: ((place: string) => Attention) | undefined;
}

/** Residual blocks of one resolution, in order. */
function residualBlocks({ inputs, outputs, groups, epsilon, timeWidth, dropout = 0 }: StageOptions) {
  return inputs.map((channels) =>
    residualBlock({ inputs: channels, outputs, groups, epsilon, dropout, ...(timeWidth !== undefined && { timeWidth }) }),
  );
}

function blocksOf(options: StageOptions) {
  const { attention } = options;
  const resnets = residualBlocks(options);
  const attentions = attention && resnets.map((_, i) => attention(`attentions.${i}`));
  const apply = (i: number, x: Expr, { time, context, mask }: Conditioning): Expr => {
    const y = resnets[i]!(x, time);
    return attentions === undefined ? y : attentions[i]!(y, context, mask);
  };
  return { tree: { attentions: attentions && moduleList(attentions), resnets: moduleList(resnets) }, count: resnets.length, apply };
}

/** Towards lower resolution; the skips are what each block gave, and what the downsampling did. */
export function downStage(
  options: StageOptions,
  downsampler: ReturnType<typeof downsampleBlock> | undefined,
): Layer<[x: Expr, conditioning: Conditioning], { readonly y: Expr; readonly skips: readonly Expr[] }> {
  const { tree, count, apply } = blocksOf(options);
  const downsamplers = downsampler && moduleList([downsampler]);
  return layer({ ...tree, downsamplers }, (x: Expr, conditioning: Conditioning) => {
    const skips: Expr[] = [];
    for (let i = 0; i < count; i++) skips.push(apply(i, skips.at(-1) ?? x, conditioning));
    if (downsampler !== undefined) skips.push(downsampler(skips.at(-1) ?? x));
    return { y: skips.at(-1) ?? x, skips };
  });
}

/**
 * Towards higher resolution: `skips` has what each block reads beside the output of the one before, and may be empty; the output has the height
 * and width of `like`, where there is one.
 */
export function upStage(
  options: StageOptions,
  upsampler: ReturnType<typeof upsampleBlock> | undefined,
): Layer<[x: Expr, skips: readonly Expr[], conditioning: Conditioning, like?: Expr]> {
  const { tree, count, apply } = blocksOf(options);
  const upsamplers = upsampler && moduleList([upsampler]);
  return layer({ ...tree, upsamplers }, (x: Expr, skips: readonly Expr[], conditioning: Conditioning, like?: Expr) => {
    let y = x;
    for (let i = 0; i < count; i++) {
      const skip = skips[i];
      y = apply(i, skip === undefined ? y : ops.concat([y, skip], 1), conditioning);
    }
    return upsampler === undefined ? y : upsampler(y, like && (like.dims.slice(2) as [number, number]));
  });
}

/** The lowest resolution: a residual block, attention, a residual block. */
export function middleStage(
  options: StageOptions & { readonly attention: (place: string) => Attention },
): Layer<[x: Expr, conditioning: Conditioning]> {
  const [first, last] = residualBlocks(options) as [Layer<[x: Expr, time?: Expr]>, Layer<[x: Expr, time?: Expr]>];
  const attention = options.attention('attentions.0');
  const tree = { attentions: moduleList([attention]), resnets: moduleList([first, last]) };
  return layer(tree, (x: Expr, { time, context, mask }: Conditioning) => last(attention(first(x, time), context, mask), time));
}
