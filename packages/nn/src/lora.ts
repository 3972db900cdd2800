import { type Expr, isParameter, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { dropout } from './dropout.js';
import { TrainingError } from './errors.js';
import { fanInUniform, zeros } from './initialize.js';
import { type Layer, layer, type Module, namedParameters, type Weights } from './module.js';

export interface LoraOptions {
  /** Columns of the low-rank factors. */
  readonly rank: number;
  /** The update counts alpha / rank; default: rank. */
  readonly alpha?: number;
  /** The share of what the factors read that training drops; default 0. */
  readonly dropout?: number;
}

/** A linear layer. One whose weight is [inputs, outputs], as in GPT-2's published files, says that it is `transposed`. */
export type LinearLayer = Layer & { readonly transposed?: boolean };

/** Puts something else in the place of a linear layer of a model, or gives it back. `name` is its dotted name. */
export type Adapt = (layer: LinearLayer, name: string) => Layer;

function refuse(message: string, fix: string): never {
  throw new TrainingError({ code: 'NN_LORA', message, fix });
}

/** By their lora_A: what a product of factors counts, and whether it is added turned. */
const updates = new WeakMap<Expr, { readonly scale: number; readonly transposed: boolean }>();

/** Outputs first. */
const oriented = ([rows, columns]: readonly number[], transposed: boolean): [outputs: number, inputs: number] =>
  transposed ? [columns!, rows!] : [rows!, columns!];

/**
 * A linear layer with a low-rank update beside it: layer(x) + alpha / rank · x·Aᵀ·Bᵀ (Hu et al. 2021, arXiv 2106.09685). To the parameters of
 * the layer it adds `lora_A.weight` [rank, inputs] and `lora_B.weight` [outputs, rank], as peft names them; B starts as zeros, so that the
 * layer starts as it was. Train with `trainable: (name) => name.includes('lora_')`. Throws `NN_LORA` for a layer that
 * has no matrix `weight`, or is adapted already.
 */
export function lora(base: LinearLayer, { rank, alpha = rank, dropout: rate = 0 }: LoraOptions): Layer {
  const { weight } = base.tree;
  const { transposed = false } = base;
  if (weight === undefined || 'tree' in weight || !isParameter(weight) || weight.dims.length !== 2)
    return refuse('the layer to adapt has no matrix named weight.', 'Adapt linear layers.');
  if (base.tree.lora_A !== undefined)
    return refuse('the layer is adapted already.', 'Adapt it once, at a rank as high as both ranks together.');
  const [outputs, inputs] = oriented(weight.dims, transposed);
  if (!Number.isInteger(rank) || rank < 1 || rank > Math.min(outputs, inputs) || !Number.isFinite(alpha))
    return refuse(
      `rank ${rank} and alpha ${alpha} for a layer from ${inputs} to ${outputs}.`,
      'Choose a rank from 1 to the smaller of both, and a finite alpha.',
    );
  const down = ops.parameter([rank, inputs], fanInUniform);
  const up = ops.parameter([outputs, rank], zeros);
  const [drop, scale] = [dropout(rate), alpha / rank];
  updates.set(down, { scale, transposed });
  const tree = { ...base.tree, lora_A: { tree: { weight: down } }, lora_B: { tree: { weight: up } } };
  return layer(tree, (x: Expr) => ops.add(base(x), ops.mul(ops.linear(ops.linear(drop(x), down), up), scale)));
}

export interface LoraAdapterOptions extends LoraOptions {
  /** Which layers; default: all that the model offers. */
  readonly match?: (name: string) => boolean;
}

/**
 * {@link lora} for the linear layers of a backbone.
 *
 * @example llama(config, { adapt: loraAdapter({ rank: 8, match: (name) => /q_proj|v_proj/.test(name) }) })
 */
export function loraAdapter({ match = () => true, ...options }: LoraAdapterOptions): Adapt {
  return (base, name) => (match(name) ? lora(base, options) : base);
}

const factorName = /(^|\.)lora_/;

/** `weight` + factor · B·A, summed in float64. */
function updated(
  weight: TensorLike<'float32'>,
  [down, up]: readonly [TensorLike<'float32'>, TensorLike<'float32'>],
  factor: number,
  transposed: boolean,
): TensorLike<'float32'> {
  const [outputs, inputs] = oriented(weight.dims, transposed);
  const rank = down.dims[0]!;
  const data = new Float32Array(weight.data.length);
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++) {
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += up.data[o * rank + r]! * down.data[r * inputs + i]!;
      const at = transposed ? i * outputs + o : o * inputs + i;
      data[at] = weight.data[at]! + factor * sum;
    }
  return { type: 'float32', dims: weight.dims, data };
}

/** The merged weights: `merged` with the updates of `factors` times `sign`. */
function applied(model: Module, merged: Weights, factors: Weights, sign: 1 | -1): Map<string, TensorLike<'float32'>> {
  const parameters = namedParameters(model);
  const found = [...parameters].filter(([, leaf]) => updates.has(leaf));
  if (found.length === 0) return refuse('the model has no low-rank adapters.', 'Pass the adapted model, whose weights these are.');
  const stray = [...factors.keys()].find((name) => factorName.test(name) && !parameters.has(name));
  if (stray !== undefined)
    return refuse(
      `the weights hold '${stray}', which the model has not.`,
      "Pass the model that they are of; names end in 'lora_A.weight'.",
    );
  const out = new Map([...merged].filter(([name]) => !factorName.test(name)));
  for (const [name, leaf] of found) {
    const base = name.slice(0, -'lora_A.weight'.length);
    const tensorOf = (part: string, from: Weights): TensorLike<'float32'> => {
      const [tensor, dims] = [from.get(base + part), parameters.get(base + part)?.dims];
      if (dims === undefined) return refuse(`'${base}${part}' is the weight of another layer too.`, 'Leave shared weights unadapted.');
      if (tensor !== undefined && tensor.dims.join() === dims.join()) return tensor;
      const given = tensor === undefined ? 'missing' : `[${tensor.dims.join(', ')}]`;
      return refuse(`'${base}${part}' is ${given}, not [${dims.join(', ')}].`, 'Pass all weights of the adapted model.');
    };
    const pair = [tensorOf('lora_A.weight', factors), tensorOf('lora_B.weight', factors)] as const;
    const { scale, transposed } = updates.get(leaf)!;
    out.set(`${base}weight`, updated(tensorOf('weight', out), pair, sign * scale, transposed));
  }
  return out;
}

/**
 * Adds the low-rank updates to the weights of an adapted model: those of the model without adapters, which then computes the same at no cost.
 * Throws `NN_LORA` where model and weights do not belong together.
 */
export function mergeLora(adapted: Module, weights: Weights): Map<string, TensorLike<'float32'>> {
  return applied(adapted, weights, weights, 1);
}

/** Takes updates out of merged weights again, up to float32's rounding; `factors` holds them, as `mergeLora` was given them. */
export function unmergeLora(adapted: Module, merged: Weights, factors: Weights): Map<string, TensorLike<'float32'>> {
  return new Map([...applied(adapted, merged, factors, -1), ...[...factors].filter(([name]) => factorName.test(name))]);
}
