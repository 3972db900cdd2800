import { type Expr, ops } from '@polymodal/autograd';
import { convolution } from '../convolution.js';
import { type Layer, layer } from '../module.js';

export interface DownsampleOptions {
  /** Default: as many as inputs. */
  readonly outputs?: number;
  /** Zeros at the right and below alone, as autoencoders of latent diffusion have them; by default one all around. */
  readonly asymmetric?: boolean;
}

/**
 * Halves height and width by a strided convolution, as UNets and autoencoders of latent diffusion do (Rombach et al. 2022, arXiv 2112.10752).
 * [batch, channels, height, width] → [batch, outputs, ⌈height / 2⌉, ⌈width / 2⌉]; with asymmetric zeros the sizes are rounded down.
 */
export function downsampleBlock(channels: number, { outputs = channels, asymmetric = false }: DownsampleOptions = {}): Layer {
  const side = asymmetric ? ([0, 1] as const) : 1;
  const conv = convolution(channels, outputs, { kernel: [3, 3], stride: 2, padding: [side, side] });
  return layer({ conv }, conv);
}

export interface UpsampleOptions {
  /** Default: as many as inputs. */
  readonly outputs?: number;
}

/**
 * Doubles height and width by repeating every element, then convolves. [batch, channels, height, width] → [batch, outputs, 2 · height,
 * 2 · width], or of `size`, which may be one less: what a {@link downsampleBlock} halved.
 */
export function upsampleBlock(
  channels: number,
  { outputs = channels }: UpsampleOptions = {},
): Layer<[x: Expr, size?: readonly [height: number, width: number]]> {
  const conv = convolution(channels, outputs, { kernel: [3, 3], padding: 1 });
  return layer({ conv }, (x: Expr, size?: readonly [height: number, width: number]) => {
    const whole = ops.upsampleNearest(x, 2);
    return conv(size === undefined ? whole : ops.slice(ops.slice(whole, 2, 0, size[0]), 3, 0, size[1]));
  });
}
