import { type Expr, isParameter } from '@polymodal/autograd';
import { TrainingError } from './errors.js';
import { reachable } from './reachable.js';
import { shown } from './training-checks.js';
import type { TrainingModel } from './training-model.js';
import type { Batch } from './training-step.js';

/** Operators whose output has elements of their first input and no others. */
const keeping: ReadonlySet<string> = new Set(['cast', 'reshape', 'transpose', 'expand']);

/** The input of the graph whose elements these indices are. */
export function sourceOf(indices: Expr): string | undefined {
  let at = indices;
  while (keeping.has(at.op.name)) at = at.inputs[0]!;
  return at.op.name === 'input' ? (at.attributes as { name: string }).name : undefined;
}

/** Looks in a batch for an index outside of the table that a graph takes it from. Indices that the graph computes are not known. */
function indexOutside(outputs: readonly Expr[], batch: Batch, { parameters }: TrainingModel, when: string, cause: unknown) {
  for (const { op, inputs, attributes } of reachable(outputs)) {
    if (op.name !== 'gather' && op.name !== 'takeAlong') continue;
    const [table, indices] = inputs as [Expr, Expr];
    const size = table.dims[(attributes as { axis: number }).axis] as number;
    const name = sourceOf(indices);
    // ONNX counts negative ones from the end.
    const wrong =
      name === undefined ? undefined : Array.from(batch[name]?.data ?? [], Number).find((index) => index < -size || index >= size);
    if (wrong === undefined) continue;
    const owner = isParameter(table)
      ? `parameter '${[...parameters].find(([, one]) => one === table)?.[0]}'`
      : `the output of operator '${table.op.name}'`;
    return new TrainingError({
      code: 'TRAIN_BATCH',
      message: `'${name}' holds ${wrong} in ${when}, an index into the ${size} entries of ${owner} ${shown(table.dims as number[])}.`,
      fix: `Feed indices from 0 to ${size - 1}: ids of the vocabulary that the table is for.`,
      cause,
    });
  }
  return undefined;
}

/** What a run of a graph gives. A runtime names a node of its own where it refuses an index; this names the tensor of the batch. */
export async function namingIndices<T>(
  run: () => Promise<T>,
  {
    outputs,
    batch,
    model,
    when,
  }: { readonly outputs: readonly Expr[]; readonly batch: Batch; readonly model: TrainingModel; readonly when: string },
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw indexOutside(outputs, batch, model, when, error) ?? error;
  }
}
