import { type Expr, type Initializer, ops } from '@polymodal/autograd';
import { fanInUniform, ones, uniform, zeros } from './initialize.js';
import { type Layer, layer } from './module.js';

export interface ConvolutionLayerOptions extends Omit<ops.ConvolutionOptions, 'bias'> {
  /** One number per axis: [3] is one-dimensional, [3, 3] two-dimensional. */
  readonly kernel: readonly number[];
  /** Default true. */
  readonly bias?: boolean;
  readonly weightInitializer?: Initializer;
  readonly biasInitializer?: Initializer;
}

/** A convolution in one to three dimensions. [batch, inputs, …] → [batch, outputs, …]; `weight` is [outputs, inputs / groups, …kernel], as in PyTorch. */
export function convolution(inputs: number, outputs: number, options: ConvolutionLayerOptions): Layer {
  const { kernel, bias: biased = true, weightInitializer = fanInUniform, biasInitializer, ...geometry } = options;
  const width = inputs / (geometry.groups ?? 1);
  const weight = ops.parameter([outputs, width, ...kernel], weightInitializer);
  const bound = 1 / Math.sqrt(kernel.reduce((n, size) => n * size, width));
  const bias = biased ? ops.parameter([outputs], biasInitializer ?? uniform(bound)) : undefined;
  return layer({ weight, bias }, (x: Expr) => ops.convolution(x, weight, { ...geometry, ...(bias && { bias }) }));
}

/** Normalisation of groups of channels, with learned scale and shift per channel (Wu and He 2018, arXiv 1803.08494). [batch, channels, …] → the same */
export function groupNorm(channels: number, groups: number, { epsilon = 1e-5 }: { readonly epsilon?: number } = {}): Layer {
  const weight = ops.parameter([channels], ones);
  const bias = ops.parameter([channels], zeros);
  return layer({ weight, bias }, (x: Expr) => ops.groupNorm(x, weight, bias, groups, epsilon));
}
