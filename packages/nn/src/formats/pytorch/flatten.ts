import type { TensorLike } from '@polymodal/modality-registry';
import { CheckpointError, listed, quoted } from '../../checkpoint-error.js';
import { type PickledValue, pickleError } from './pickle-value.js';

/** Keys of dicts and indices of lists, from the outermost inwards. */
export type PyTorchPath = readonly (string | number)[];

/** The name of a file that is one tensor. */
export const soleName = 'tensor';

const deepest = 100;
/** More than any checkpoint has; lists that hold one another twice would otherwise multiply. */
const mostVisits = 1_000_000;

export function isTensor(value: PickledValue): value is TensorLike {
  return typeof value === 'object' && value !== null && 'dims' in value;
}

function entriesOf(value: PickledValue): [PickledValue, PickledValue][] {
  if (Array.isArray(value)) return value.map((child: PickledValue, i) => [i, child]);
  return value instanceof Map ? [...(value as Map<PickledValue, PickledValue>)] : [];
}

/** What lies at a path of keys and indices. Throws {@link CheckpointError} `CHECKPOINT_MISSING` that names the keys there are. */
export function follow(root: PickledValue, path: PyTorchPath): PickledValue {
  return path.reduce<PickledValue>((value, step) => {
    const entry = entriesOf(value).find(([key]) => key === step);
    if (entry !== undefined) return entry[1];
    const keys = entriesOf(value).map(([key]) => String(key));
    throw new CheckpointError({
      code: 'CHECKPOINT_MISSING',
      message: `The file has nothing at ${quoted(path.join('.'))}: there is no ${quoted(String(step))}${keys.length > 0 ? ` among ${listed(keys)}` : ''}.`,
      fix: 'Pass the path of the state dict within the file, or none.',
    });
  }, root);
}

/** All tensors that a value holds, under the keys and indices that lead to them, joined by dots. */
export function flattenTensors(root: PickledValue): Map<string, TensorLike> {
  if (isTensor(root)) return new Map([[soleName, root]]);
  const tensors = new Map<string, TensorLike>();
  let visits = 0;
  const visit = (value: PickledValue, prefix: string, depth: number): void => {
    if (depth > deepest) throw pickleError(`The pickle nests deeper than ${deepest} containers.`);
    for (const [key, child] of entriesOf(value)) {
      if (++visits > mostVisits) throw pickleError(`The pickle holds more than ${mostVisits} items.`);
      const name = prefix + String(key);
      if (!isTensor(child)) visit(child, `${name}.`, depth + 1);
      else if (tensors.has(name))
        throw new CheckpointError({
          code: 'CHECKPOINT_NAME',
          message: `The file has two tensors that would be named ${quoted(name)}.`,
          fix: 'Pass the path of one state dict within the file.',
        });
      else tensors.set(name, child);
    }
  };
  visit(root, '', 0);
  return tensors;
}
