import { type Expr, ops } from '@polymodal/autograd';
import type { TrainingModel } from './training-model.js';
import { averageName, averageRateName, gradientNormName, metricName, nextName, scalarName, slotName } from './training-names.js';
import type { TrainingStepOptions } from './training-step.js';

/** Global-norm clipping, as PyTorch's `clip_grad_norm_`. */
function clip(all: readonly Expr[], limit: number): { readonly norm: Expr; readonly clipped: Expr[] } {
  const norm = ops.sqrt(all.map((g) => ops.sum(ops.mul(g, g))).reduce((a, b) => ops.add(a, b)));
  const factor = ops.minimum(ops.div(limit, ops.add(norm, 1e-6)), 1);
  return { norm, clipped: all.map((g) => ops.mul(g, factor)) };
}

/** The update of all trained parameters from these gradients, and of the averages of these buffers, as named outputs. */
export function updates(
  { trained, assigned }: TrainingModel,
  { clipNorm, bounds = {}, averageDecay, decay = (_, dims) => dims.length > 1 }: TrainingStepOptions,
  gradients: readonly Expr[],
  buffers: ReadonlyMap<string, Expr>,
): Record<string, Expr> {
  const { norm, clipped } = clipNorm === undefined ? { norm: undefined, clipped: gradients } : clip(gradients, clipNorm);
  const scalars = new Map<string, Expr>();
  const scalar = (name: string): Expr => {
    const known = scalars.get(name) ?? ops.input(name, 'float32', []);
    scalars.set(name, known);
    return known;
  };
  const outputs: Record<string, Expr> = norm === undefined ? {} : { [metricName(gradientNormName)]: norm };
  const follow = (name: string, next: Expr) => {
    if (averageDecay === undefined) return;
    const average = ops.input(averageName(name), 'float32', next.dims);
    outputs[nextName(averageName(name))] = ops.add(average, ops.mul(ops.sub(next, average), scalar(averageRateName)));
  };
  [...trained].forEach(([name, value], i) => {
    const { optimizer, group } = assigned.get(name)!;
    const slots = Object.fromEntries(optimizer.slots.map((slot) => [slot, ops.input(slotName(slot, name), 'float32', value.dims)]));
    const own = Object.fromEntries(optimizer.scalars.map((one) => [one, scalar(scalarName(group, one))]));
    const next = optimizer.update(value, clipped[i]!, slots, own, decay(name, value.dims));
    const range = bounds[name];
    const bounded = range === undefined ? next.value : ops.minimum(ops.maximum(next.value, range[0]), range[1]);
    outputs[nextName(name)] = bounded;
    for (const slot of optimizer.slots) outputs[nextName(slotName(slot, name))] = next.slots[slot]!;
    follow(name, bounded);
  });
  for (const [name, value] of buffers) follow(name, value);
  return outputs;
}
