import { createRandom, type Initializer } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { type Module, namedParameters } from './module.js';

const fill =
  (draw: (random: import('@polymodal/autograd').Random) => number): Initializer =>
  (dims, random) =>
    Float32Array.from({ length: dims.reduce((n, dim) => n * dim, 1) }, () => draw(random));

/** N(0, standardDeviation²) */
export const normal = (standardDeviation: number): Initializer => fill((random) => random.normal() * standardDeviation);
/** U(−bound, bound) */
export const uniform = (bound: number): Initializer => fill((random) => (2 * random.uniform() - 1) * bound);
export const constantValue = (value: number): Initializer => fill(() => value);
export const zeros: Initializer = constantValue(0);
export const ones: Initializer = constantValue(1);

/** The inputs that feed one output: for a matrix [out, in], `in`; for a kernel [out, in, k…], in · k…. */
function fanIn(dims: readonly number[]): number {
  return dims.slice(1).reduce((n, dim) => n * dim, 1);
}

/** U(−√(6/(fanIn+fanOut)), …) (Glorot and Bengio 2010). */
export const xavierUniform: Initializer = (dims, random) =>
  uniform(Math.sqrt(6 / (fanIn(dims) + dims[0]! * dims.slice(2).reduce((n, dim) => n * dim, 1))))(dims, random);

/** N(0, 2 / fanIn) (He et al. 2015), for layers that a ReLU follows. */
export const heNormal: Initializer = (dims, random) => normal(Math.sqrt(2 / fanIn(dims)))(dims, random);

/** U(−1/√fanIn, 1/√fanIn): PyTorch's default for linear and convolution layers. */
export const fanInUniform: Initializer = (dims, random) => uniform(1 / Math.sqrt(fanIn(dims)))(dims, random);

/**
 * Start values for every parameter. Each draws from its own stream, named after it: adding a layer does not change the others.
 */
export function initialize(module: Module, seed: number): Map<string, TensorLike<'float32'>> {
  const random = createRandom(seed).fork('initialize');
  return new Map(
    [...namedParameters(module)].map(([name, { dims, attributes }]) => [
      name,
      { type: 'float32', dims, data: attributes.initializer(dims, random.fork(name)) },
    ]),
  );
}
