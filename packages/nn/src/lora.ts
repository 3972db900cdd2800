import { type Expr, isParameter, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { dropout } from './dropout.js';
import { TrainingError } from './errors.js';
import { fanInUniform, zeros } from './initialize.js';
import { type Layer, layer, type Weights } from './module.js';

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

/** Outputs first. */
const oriented = ([rows, columns]: readonly number[], transposed: boolean): [outputs: number, inputs: number] =>
  transposed ? [columns!, rows!] : [rows!, columns!];

/**
 * A linear layer with a low-rank update beside it: layer(x) + alpha / rank · x·Aᵀ·Bᵀ (Hu et al. 2021, arXiv 2106.09685). To the parameters of
 * the layer it adds `lora_A.weight` [rank, inputs] and `lora_B.weight` [outputs, rank], as peft names them; B starts as zeros, so that the
 * layer starts as it was. Train with `trainable: (name) => name.includes('lora_')`. Throws `NN_LORA` for a layer that has no matrix `weight`.
 */
export function lora(base: LinearLayer, { rank, alpha = rank, dropout: rate = 0 }: LoraOptions): Layer {
  const { weight } = base.tree;
  const { transposed = false } = base;
  if (weight === undefined || 'tree' in weight || !isParameter(weight) || weight.dims.length !== 2)
    return refuse('the layer to adapt has no matrix named weight.', 'Adapt linear layers.');
  const [outputs, inputs] = oriented(weight.dims, transposed);
  if (!Number.isInteger(rank) || rank < 1 || rank > Math.min(outputs, inputs) || !Number.isFinite(alpha))
    return refuse(
      `rank ${rank} and alpha ${alpha} for a layer from ${inputs} to ${outputs}.`,
      'Choose a rank from 1 to the smaller of both, and a finite alpha.',
    );
  const down = ops.parameter([rank, inputs], fanInUniform);
  const up = ops.parameter([outputs, rank], zeros);
  const drop = dropout(rate);
  const tree = { ...base.tree, lora_A: { tree: { weight: down } }, lora_B: { tree: { weight: up } } };
  return layer(tree, (x: Expr) => ops.add(base(x), ops.mul(ops.linear(ops.linear(drop(x), down), up), alpha / rank)));
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

const factorName = /^(.*)lora_([AB])\.weight$/;

/** `weight` + sign · alpha / rank · B·A, summed in float64. */
function updated(
  weight: TensorLike<'float32'>,
  down: TensorLike<'float32'>,
  up: TensorLike<'float32'>,
  factor: number,
  transposed: boolean,
): TensorLike<'float32'> {
  const [outputs, inputs] = oriented(weight.dims, transposed);
  const rank = down.dims[0]!;
  if (down.dims[1] !== inputs || up.dims[0] !== outputs || up.dims[1] !== rank)
    return refuse(
      `factors [${down.dims}] and [${up.dims}] for a weight [${weight.dims}].`,
      "A is [rank, inputs], B [outputs, rank]; pass 'transposed' where the weight is [inputs, outputs].",
    );
  const data = new Float32Array(weight.data.length);
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++) {
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += up.data[o * rank + r]! * down.data[r * inputs + i]!;
      const at = transposed ? i * outputs + o : o * inputs + i;
      data[at] = weight.data[at]! + (factor / rank) * sum;
    }
  return { type: 'float32', dims: weight.dims, data };
}

type MergeOptions = Pick<LoraOptions, 'alpha'> & { readonly transposed?: boolean };

function applied(
  weights: Weights,
  factors: Weights,
  sign: 1 | -1,
  { alpha, transposed = false }: MergeOptions,
): Map<string, TensorLike<'float32'>> {
  const out = new Map([...weights].filter(([name]) => !factorName.test(name)));
  for (const name of factors.keys()) {
    const [, base, which] = factorName.exec(name) ?? [];
    if (which === undefined) continue;
    const names = [`${base}weight`, `${base}lora_A.weight`, `${base}lora_B.weight`] as const;
    const [weight, down, up] = [out.get(names[0]), factors.get(names[1]), factors.get(names[2])];
    if (weight === undefined || down === undefined || up === undefined)
      return refuse(`'${name}' is there, but of '${names.join("', '")}' one is missing.`, 'Pass the weight and both factors.');
    if (which === 'A') out.set(names[0], updated(weight, down, up, sign * (alpha ?? down.dims[0]!), transposed));
  }
  return out;
}

/** Adds the low-rank updates to the weights: those of the model without adapters, which then computes the same at no cost. */
export function mergeLora(weights: Weights, options: MergeOptions = {}): Map<string, TensorLike<'float32'>> {
  return applied(weights, weights, 1, options);
}

/** Takes updates out of merged weights again, up to float32's rounding; `factors` holds them, as `mergeLora` was given them. */
export function unmergeLora(merged: Weights, factors: Weights, options: MergeOptions = {}): Map<string, TensorLike<'float32'>> {
  const adapters = [...factors].filter(([name]) => factorName.test(name));
  return new Map([...applied(merged, new Map(adapters), -1, options), ...adapters]);
}
