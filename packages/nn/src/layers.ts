import { type Expr, type Initializer, ops } from '@polymodal/autograd';
import { fanInUniform, normal, ones, uniform, zeros } from './initialize.js';
import { configError } from './model-errors.js';
import { type Layer, layer, type Module } from './module.js';

export interface LinearOptions {
  /** Default true. */
  readonly bias?: boolean;
  readonly weightInitializer?: Initializer;
  readonly biasInitializer?: Initializer;
}

/** x · weightᵀ + bias. [..., inputs] → [..., outputs]; `weight` is [outputs, inputs], as in PyTorch. */
export function linear(inputs: number, outputs: number, options: LinearOptions = {}): Layer {
  const weight = ops.parameter([outputs, inputs], options.weightInitializer ?? fanInUniform);
  const bias = options.bias === false ? undefined : ops.parameter([outputs], options.biasInitializer ?? uniform(1 / Math.sqrt(inputs)));
  return layer({ weight, bias }, (x: Expr) => ops.linear(x, weight, bias));
}

/** Rows of a learned table by id. [...] → [..., width] */
export function embedding(size: number, width: number, options: { readonly weightInitializer?: Initializer } = {}): Layer {
  const weight = ops.parameter([size, width], options.weightInitializer ?? normal(0.02));
  return layer({ weight }, (ids: Expr) => ops.gather(weight, ids));
}

/** Layer normalisation over the last axis, with learned scale (`weight`) and shift (`bias`). */
export function layerNorm(width: number, options: { readonly epsilon?: number } = {}): Layer {
  const weight = ops.parameter([width], ones);
  const bias = ops.parameter([width], zeros);
  return layer({ weight, bias }, (x: Expr) => ops.layerNorm(x, weight, bias, options.epsilon ?? 1e-5));
}

/** x / √(mean(x²) + ε) over the last axis, with a learned scale (`weight`) (Zhang and Sennrich 2019, arXiv 1910.07467). */
export function rmsNorm(width: number, options: { readonly epsilon?: number } = {}): Layer {
  const weight = ops.parameter([width], ones);
  return layer({ weight }, (x: Expr) => ops.rmsNorm(x, weight, options.epsilon ?? 1e-6));
}

const activation = (f: (x: Expr) => Expr) => (): Layer => layer({}, f);
/** GELU with the exact error function. */
export const gelu: () => Layer = activation(ops.gelu);
/** GELU's tanh form (GPT-2). */
export const geluTanh: () => Layer = activation(ops.geluTanh);
/** x · σ(1.702x) (OpenAI CLIP). */
export const quickGelu: () => Layer = activation(ops.quickGelu);
export const relu: () => Layer = activation(ops.relu);
export const silu: () => Layer = activation(ops.silu);

/** The names that `config.json` files give activations. */
export const activations = {
  elu: (x: Expr) => ops.elu(x),
  gelu: ops.gelu,
  gelu_10: (x: Expr) => ops.clamp(ops.gelu(x), { minimum: -10, maximum: 10 }),
  gelu_accurate: ops.geluTanh,
  gelu_fast: ops.geluTanh,
  gelu_new: ops.geluTanh,
  gelu_python: ops.gelu,
  gelu_python_tanh: ops.geluTanh,
  gelu_pytorch_tanh: ops.geluTanh,
  leaky_relu: (x: Expr) => ops.leakyRelu(x),
  linear: (x: Expr) => x,
  mish: ops.mish,
  quick_gelu: ops.quickGelu,
  relu: ops.relu,
  relu2: (x: Expr) => ops.mul(ops.relu(x), ops.relu(x)),
  relu6: (x: Expr) => ops.clamp(x, { minimum: 0, maximum: 6 }),
  sigmoid: ops.sigmoid,
  silu: ops.silu,
  swish: ops.silu,
  tanh: ops.tanh,
} as const;
export type ActivationName = keyof typeof activations;

/** Throws TrainingError `NN_CONFIG` for a name that is none of {@link activations}. */
export function activationOf(name: ActivationName): (x: Expr) => Expr {
  if (Object.hasOwn(activations, name)) return activations[name];
  throw configError(`there is no activation ${JSON.stringify(name)}.`, `There are ${Object.keys(activations).join(', ')}.`);
}

/** Applies layers in order; their parameters are named '0.…', '1.…'. */
export function sequential(...layers: readonly Layer[]): Layer {
  return layer(Object.fromEntries(layers.map((one, i) => [String(i), one])), (x: Expr) => layers.reduce((value, one) => one(value), x));
}

/** Modules under their indices, as in PyTorch's `ModuleList`. */
export function moduleList<M extends Module>(modules: readonly M[]): Module {
  return { tree: Object.fromEntries(modules.map((one, i) => [String(i), one])) };
}
