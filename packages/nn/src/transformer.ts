import { type Expr, type Initializer, ops } from '@polymodal/autograd';
import { type AttentionOptions, multiHeadAttention, selfAttention } from './attention.js';
import { dropout } from './dropout.js';
import { type ActivationName, activationOf, layerNorm, linear } from './layers.js';
import { type Layer, layer } from './module.js';

export interface TransformerBlockOptions extends AttentionOptions {
  readonly width: number;
  readonly heads: number;
  /** Width inside the feed-forward part; default 4 · width. */
  readonly hidden?: number;
  readonly activation?: ActivationName;
  readonly epsilon?: number;
  /** The share that training drops of attention's weights, and of what each half of the block computes and adds; default 0. */
  readonly dropout?: number;
  readonly hiddenInitializer?: Initializer;
}

/** Pre-norm block: x + attention(norm(x)), then x + mlp(norm(x)). [batch, length, width] → the same */
export function transformerBlock(options: TransformerBlockOptions): Layer<[x: Expr, mask?: Expr]> {
  const { width, heads, hidden = 4 * width, activation = 'gelu', epsilon = 1e-5 } = options;
  const attentionNorm = layerNorm(width, { epsilon });
  const attention = selfAttention(width, heads, options);
  const mlpNorm = layerNorm(width, { epsilon });
  const up = linear(width, hidden, options.hiddenInitializer && { weightInitializer: options.hiddenInitializer });
  const down = linear(hidden, width, options.outputInitializer && { weightInitializer: options.outputInitializer });
  const [drop, activate] = [dropout(options.dropout ?? 0), activationOf(activation)];
  return layer({ attentionNorm, attention, mlpNorm, up, down }, (x: Expr, mask?: Expr) => {
    const attended = ops.add(x, drop(attention(attentionNorm(x), mask)));
    return ops.add(attended, drop(down(drop(activate(up(mlpNorm(attended)))))));
  });
}

export interface PerceiverBlockOptions extends Omit<TransformerBlockOptions, 'hiddenInitializer'> {
  /** Width of what the latents read; default: their own. */
  readonly inputWidth?: number;
}

/**
 * Latents that read inputs of any number (Jaegle et al. 2021, arXiv 2103.03206): x + attention(norm(x), norm(inputs)), then x + mlp(norm(x)).
 * Latents [batch, n, width] and inputs [batch, m, inputWidth] → [batch, n, width]; blocks of {@link transformerBlock} go between.
 */
export function perceiverBlock(options: PerceiverBlockOptions): Layer<[latents: Expr, inputs: Expr, mask?: Expr]> {
  const { width, heads, inputWidth = width, hidden = 4 * width, activation = 'gelu', epsilon = 1e-5 } = options;
  const [latentNorm, inputNorm, mlpNorm] = [width, inputWidth, width].map((size) => layerNorm(size, { epsilon })) as [Layer, Layer, Layer];
  const attention = multiHeadAttention(width, heads, { ...options, keyWidth: inputWidth });
  const up = linear(width, hidden);
  const down = linear(hidden, width, options.outputInitializer && { weightInitializer: options.outputInitializer });
  const [drop, activate] = [dropout(options.dropout ?? 0), activationOf(activation)];
  return layer({ latentNorm, inputNorm, attention, mlpNorm, up, down }, (latents: Expr, inputs: Expr, mask?: Expr) => {
    const read = ops.add(latents, drop(attention(latentNorm(latents), inputNorm(inputs), mask)));
    return ops.add(read, drop(down(drop(activate(up(mlpNorm(read)))))));
  });
}
