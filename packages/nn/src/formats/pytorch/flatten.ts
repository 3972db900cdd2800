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

/** A key as a part of a name; undefined for what cannot be one, such as a tuple that holds a dict. */
function keyName(key: PickledValue): string | undefined {
  if (Array.isArray(key)) return key.every((part) => typeof part !== 'object') ? key.join(',') : undefined;
  return typeof key === 'object' ? undefined : String(key);
}

/** What lies at a path of keys and indices. Throws {@link CheckpointError} `CHECKPOINT_MISSING` that names the keys there are. */
export function follow(root: PickledValue, path: PyTorchPath): PickledValue {
  return path.reduce<PickledValue>((value, step) => {
    const entry = entriesOf(value).find(([key]) => key === step);
    if (entry !== undefined) return entry[1];
    const keys = entriesOf(value).flatMap(([key]) => keyName(key) ?? []);
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
  const visit = (value: PickledValue, path: readonly PickledValue[]): void => {
    if (path.length > deepest) throw pickleError(`The pickle nests deeper than ${deepest} containers.`);
    for (const [key, child] of entriesOf(value)) {
      if (++visits > mostVisits) throw pickleError(`The pickle holds more than ${mostVisits} items.`);
      if (isTensor(child)) add([...path, key], child);
      else visit(child, [...path, key]);
    }
  };
  const add = (path: readonly PickledValue[], tensor: TensorLike): void => {
    const parts = path.map(keyName);
    const name = parts.join('.');
    if (parts.includes(undefined) || tensors.has(name))
      throw new CheckpointError({
        code: 'CHECKPOINT_NAME',
        message: parts.includes(undefined)
          ? 'The file has a tensor in a dict whose keys are no names.'
          : `The file has two tensors that would be named ${quoted(name)}.`,
        fix: 'Pass the path of one state dict within the file.',
      });
    tensors.set(name, tensor);
  };
  visit(root, []);
  return tensors;
}
