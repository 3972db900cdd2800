import type { TensorLike } from '@polymodal/modality-registry';
import { type Item, PendingTensor, type PickledValue, pickleError } from './pickle-value.js';

function* childrenOf(item: Item): Iterable<Item> {
  if (Array.isArray(item) || item instanceof Set) yield* item;
  else if (item instanceof Map) for (const entry of item) yield* entry;
}

/** All tensors that a value holds, each once, however often it refers to them. */
export function pendingTensors(root: Item): Set<PendingTensor> {
  const found = new Set<PendingTensor>();
  const seen = new Set<Item>([root]);
  for (const item of seen) {
    if (item instanceof PendingTensor) found.add(item);
    // A set goes on to what is added to it while it is walked.
    for (const child of childrenOf(item)) if (typeof child === 'object' && child !== null) seen.add(child);
    if (item instanceof Map)
      for (const key of item.keys()) if (key instanceof PendingTensor) throw pickleError('The pickle has a dict with a tensor as key.');
  }
  return found;
}

/** Puts tensors in the places that were kept for them. */
export function settle(root: Item, tensors: ReadonlyMap<PendingTensor, TensorLike>): PickledValue {
  const settled = (item: Item): Item => (item instanceof PendingTensor ? (tensors.get(item)! as unknown as Item) : item);
  const seen = new Set<Item>([root]);
  for (const item of seen) {
    for (const child of childrenOf(item)) if (typeof child === 'object' && child !== null) seen.add(child);
    if (Array.isArray(item)) for (const [i, child] of item.entries()) item[i] = settled(child);
    else if (item instanceof Map) for (const [key, child] of item) item.set(key, settled(child));
    else if (item instanceof Set && [...item].some((child) => child instanceof PendingTensor)) {
      const children = [...item].map(settled);
      item.clear();
      for (const child of children) item.add(child);
    }
  }
  return settled(root) as PickledValue;
}
