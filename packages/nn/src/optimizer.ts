import { type Expr, ops } from '@polymodal/autograd';
import { TrainingError } from './errors.js';
import { checkAmount, checkRate, checkShare } from './option-checks.js';

/** A learning rate, fixed or as a function of the step (from 0) and the number of steps. */
export type Schedule = number | ((step: number, steps: number) => number);

/** How parameters follow their gradients, written as expressions so that the whole update is part of the training graph. */
export interface Optimizer {
  readonly learningRate: Schedule;
  /** Names of the tensors kept per parameter, each of its shape and zero at first. */
  readonly slots: readonly string[];
  /** Names of the scalars that change from step to step. */
  readonly scalars: readonly string[];
  /** Their values at `step` (from 0). */
  scalarsAt(step: number, learningRate: number): Readonly<Record<string, number>>;
  /** The parameter and its slots after the step. `decay`: whether weight decay applies to this parameter. */
  update(
    value: Expr,
    gradient: Expr,
    slots: Readonly<Record<string, Expr>>,
    scalars: Readonly<Record<string, Expr>>,
    decay: boolean,
  ): { readonly value: Expr; readonly slots: Readonly<Record<string, Expr>> };
}

export interface AdamOptions {
  readonly learningRate: Schedule;
  /** Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled in `adamW`, where the default is 0.01; in the gradient in `adam`, where it is 0. */
  readonly weightDecay?: number;
  /** Divides by the largest variance so far (Reddi et al. 2018), with one more slot; default false. */
  readonly amsgrad?: boolean;
}

/** Throws {@link TrainingError} `TRAIN_OPTIONS` for a number that cannot be meant. */
function checkOptions(learningRate: Schedule, shares: Readonly<Record<string, number>>, amounts: Readonly<Record<string, number>>): void {
  checkRate(learningRate);
  for (const [name, value] of Object.entries(shares)) checkShare(name, value);
  for (const [name, value] of Object.entries(amounts)) checkAmount(name, value);
}

/**
 * AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101), as PyTorch computes it.
 *
 * The slots are m/(1−β₁) and v/(1−β₂): the bias corrections then fold into two scalars per step, and the update takes ten passes over
 * memory in place of fourteen.
 */
export function adamW({
  learningRate,
  betas: [beta1, beta2] = [0.9, 0.999],
  epsilon = 1e-8,
  weightDecay = 0.01,
  amsgrad = false,
}: AdamOptions): Optimizer {
  checkOptions(learningRate, { 'betas[0]': beta1, 'betas[1]': beta2 }, { epsilon, weightDecay });
  return {
    learningRate,
    slots: amsgrad ? ['momentum', 'variance', 'largest'] : ['momentum', 'variance'],
    scalars: ['rate', 'epsilon', 'keep'],
    scalarsAt(step, rate) {
      const first = (1 - beta1) / (1 - beta1 ** (step + 1));
      const second = Math.sqrt((1 - beta2) / (1 - beta2 ** (step + 1)));
      return { rate: (rate * first) / second, epsilon: epsilon / second, keep: 1 - rate * weightDecay };
    },
    update(value, gradient, { momentum, variance, largest }, { rate, epsilon: small, keep }, decay) {
      const m = ops.add(ops.mul(momentum!, beta1), gradient);
      const v = ops.add(ops.mul(variance!, beta2), ops.mul(gradient, gradient));
      const top = amsgrad ? ops.maximum(largest!, v) : v;
      const move = ops.mul(ops.div(m, ops.add(ops.sqrt(top), small!)), rate!);
      return {
        value: ops.sub(decay && weightDecay !== 0 ? ops.mul(value, keep!) : value, move),
        slots: { momentum: m, variance: v, ...(amsgrad && { largest: top }) },
      };
    },
  };
}

/** Adam (Kingma and Ba 2015), with L2 regularisation in the gradient, as PyTorch's `Adam`. */
export function adam({ weightDecay = 0, ...options }: AdamOptions): Optimizer {
  const inner = adamW({ ...options, weightDecay: 0 });
  checkAmount('weightDecay', weightDecay);
  return {
    ...inner,
    update: (value, gradient, slots, scalars, decay) =>
      inner.update(value, decay && weightDecay !== 0 ? ops.add(gradient, ops.mul(value, weightDecay)) : gradient, slots, scalars, false),
  };
}

export interface SgdOptions {
  readonly learningRate: Schedule;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
}

/** Stochastic gradient descent with momentum, as PyTorch's `SGD` (no dampening). */
export function sgd({ learningRate, momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions): Optimizer {
  checkOptions(learningRate, { momentum }, { weightDecay });
  if (nesterov && momentum === 0)
    throw new TrainingError({
      code: 'TRAIN_OPTIONS',
      message: "'nesterov' is set without a momentum.",
      fix: "Set 'momentum', such as 0.9.",
    });
  return {
    learningRate,
    slots: momentum === 0 ? [] : ['velocity'],
    scalars: ['rate'],
    scalarsAt: (_, rate) => ({ rate }),
    update(value, gradient, slots, { rate }, decay) {
      const g = decay && weightDecay !== 0 ? ops.add(gradient, ops.mul(value, weightDecay)) : gradient;
      if (momentum === 0) return { value: ops.sub(value, ops.mul(g, rate!)), slots: {} as Record<string, Expr> };
      const velocity = ops.add(ops.mul(slots.velocity!, momentum), g);
      const direction = nesterov ? ops.add(g, ops.mul(velocity, momentum)) : velocity;
      return { value: ops.sub(value, ops.mul(direction, rate!)), slots: { velocity } as Record<string, Expr> };
    },
  };
}

export interface LionOptions {
  readonly learningRate: Schedule;
  /** Default [0.9, 0.99]. */
  readonly betas?: readonly [number, number];
  /** Decoupled; default 0. */
  readonly weightDecay?: number;
}

/**
 * Lion (Chen et al. 2023, arXiv 2302.06675, program 1), as google/automl's `lion_pytorch.py`. Its rate is 3 to 10 times smaller than AdamW's,
 * its decay as much larger.
 *
 * The slot is m/(1−β₂): a sign does not change with the scale, so that two products fall away.
 */
export function lion({ learningRate, betas: [beta1, beta2] = [0.9, 0.99], weightDecay = 0 }: LionOptions): Optimizer {
  checkOptions(learningRate, { 'betas[0]': beta1, 'betas[1]': beta2 }, { weightDecay });
  return {
    learningRate,
    slots: ['momentum'],
    scalars: ['rate', 'keep'],
    scalarsAt: (_, rate) => ({ rate, keep: 1 - rate * weightDecay }),
    update(value, gradient, { momentum }, { rate, keep }, decay) {
      const direction = ops.sign(ops.add(ops.mul(momentum!, (beta1 * (1 - beta2)) / (1 - beta1)), gradient));
      return {
        value: ops.sub(decay && weightDecay !== 0 ? ops.mul(value, keep!) : value, ops.mul(direction, rate!)),
        slots: { momentum: ops.add(ops.mul(momentum!, beta2), gradient) },
      };
    },
  };
}

export interface MuonOptions {
  readonly learningRate: Schedule;
  /** Default 0.95, with Nesterov's look ahead. */
  readonly momentum?: number;
  /** Decoupled; default 0. */
  readonly weightDecay?: number;
}

/** Coefficients of a quintic whose iteration drives singular values into about [0.7, 1.2] (Jordan et al. 2024). */
const [quinticA, quinticB, quinticC] = [3.4445, -4.775, 2.0315];
const newtonSchulzSteps = 5;

/** The nearest semi-orthogonal matrix, roughly: all singular values near 1. [rows, columns] → the same */
function orthogonalize(matrix: Expr): Expr {
  const [rows, columns] = matrix.dims as readonly [number, number];
  const wide = rows > columns ? ops.transpose(matrix) : matrix;
  let x = ops.div(wide, ops.add(ops.sqrt(ops.sum(ops.mul(wide, wide))), 1e-7));
  for (let i = 0; i < newtonSchulzSteps; i++) {
    const square = ops.matmul(x, x, { transposeB: true });
    const mixed = ops.add(ops.mul(square, quinticB), ops.mul(ops.matmul(square, square), quinticC));
    x = ops.add(ops.mul(x, quinticA), ops.matmul(mixed, x));
  }
  return rows > columns ? ops.transpose(x) : x;
}

/**
 * Muon: momentum whose update is made orthogonal (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks").
 * For matrices and convolution kernels (read as [out, all else]); give embeddings, gains and biases to another optimiser by
 * {@link ParameterGroup}s.
 */
export function muon({ learningRate, momentum = 0.95, weightDecay = 0 }: MuonOptions): Optimizer {
  checkOptions(learningRate, { momentum }, { weightDecay });
  return {
    learningRate,
    slots: ['momentum'],
    scalars: ['rate', 'keep'],
    scalarsAt: (_, rate) => ({ rate, keep: 1 - rate * weightDecay }),
    update(value, gradient, slots, { rate, keep }, decay) {
      const rows = value.dims[0] as number;
      const total = ops.add(ops.mul(slots.momentum!, momentum), gradient);
      const direction = orthogonalize(ops.reshape(ops.add(gradient, ops.mul(total, momentum)), [rows, -1])); // [rows, columns]
      const scale = Math.sqrt(Math.max(1, rows / (direction.dims[1] as number)));
      const move = ops.reshape(ops.mul(ops.mul(direction, scale), rate!), value.dims);
      return { value: ops.sub(decay && weightDecay !== 0 ? ops.mul(value, keep!) : value, move), slots: { momentum: total } };
    },
  };
}

/** Parameters that one optimiser moves. */
export interface ParameterGroup {
  readonly optimizer: Optimizer;
  /** Which parameters; default all that no earlier group has taken. */
  readonly match?: (name: string, dims: readonly number[]) => boolean;
}
