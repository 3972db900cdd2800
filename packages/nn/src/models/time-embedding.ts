import { type Expr, ops } from '@polymodal/autograd';
import { linear } from '../layers.js';
import { type Layer, layer } from '../module.js';

export interface SinusoidOptions {
  /** Whether the cosines come before the sines, as in latent diffusion; default true. */
  readonly cosineFirst?: boolean;
  /** Subtracted from the number of frequencies in the exponent: 1 for Ho et al. 2020, whose last frequency is 1 / 10,000; default 0. */
  readonly shift?: number;
}

/**
 * Sines and cosines of a number at frequencies that fall from 1 to 1 / 10,000 (Vaswani et al. 2017; Ho et al. 2020, arXiv 2006.11239): the steps of
 * a diffusion process, or sizes of pictures. int64 or float32 [...] → [..., width], for an even width.
 */
export function sinusoids(numbers: Expr, width: number, { cosineFirst = true, shift = 0 }: SinusoidOptions = {}): Expr {
  const half = width / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) => Math.exp((-Math.log(10_000) * i) / (half - shift)));
  const angles = ops.mul(
    ops.expandDims(ops.cast(numbers, 'float32'), -1),
    ops.constant({ type: 'float32', dims: [half], data: frequencies }),
  ); // [..., half]
  const [sine, cosine] = [ops.sin(angles), ops.cos(angles)];
  return ops.concat(cosineFirst ? [cosine, sine] : [sine, cosine], -1);
}

/** Two linear layers about a SiLU, for {@link sinusoids}. [..., inputs] → [..., width]; parameters are `linear_1` and `linear_2`, as in diffusers. */
export function timeEmbedding(inputs: number, width: number): Layer {
  const [linear_1, linear_2] = [linear(inputs, width), linear(width, width)];
  return layer({ linear_1, linear_2 }, (x: Expr) => linear_2(ops.silu(linear_1(x))));
}
