import { type Expr, ops } from '@polymodal/autograd';

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
  /** Decoupled (AdamW); default 0.01. */
  readonly weightDecay?: number;
}

/**
 * AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101), as PyTorch computes it.
 *
 * The slots are m/(1−β₁) and v/(1−β₂): the bias corrections then fold into two scalars per step, and the update takes ten passes over
 * memory in place of fourteen.
 */
export function adamW({ learningRate, betas: [beta1, beta2] = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0.01 }: AdamOptions): Optimizer {
  return {
    learningRate,
    slots: ['momentum', 'variance'],
    scalars: ['rate', 'epsilon', 'keep'],
    scalarsAt(step, rate) {
      const first = (1 - beta1) / (1 - beta1 ** (step + 1));
      const second = Math.sqrt((1 - beta2) / (1 - beta2 ** (step + 1)));
      return { rate: (rate * first) / second, epsilon: epsilon / second, keep: 1 - rate * weightDecay };
    },
    update(value, gradient, { momentum, variance }, { rate, epsilon: small, keep }, decay) {
      const m = ops.add(ops.mul(momentum!, beta1), gradient);
      const v = ops.add(ops.mul(variance!, beta2), ops.mul(gradient, gradient));
      const move = ops.mul(ops.div(m, ops.add(ops.sqrt(v), small!)), rate!);
      return { value: ops.sub(decay && weightDecay !== 0 ? ops.mul(value, keep!) : value, move), slots: { momentum: m, variance: v } };
    },
  };
}

/** Adam (Kingma and Ba 2015), with L2 regularisation in the gradient, as PyTorch's `Adam`. */
export function adam({ weightDecay = 0, ...options }: AdamOptions): Optimizer {
  const inner = adamW({ ...options, weightDecay: 0 });
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
