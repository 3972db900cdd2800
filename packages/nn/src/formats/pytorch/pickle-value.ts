import type { TensorLike } from '@polymodal/modality-registry';
import { CheckpointError } from '../../checkpoint-error.js';

/** A class, function or constant that a pickle names, such as `{ global: 'torch.float32' }`. It is a name and nothing more. */
export interface PickledGlobal {
  readonly global: string;
}

export interface PickledList extends ReadonlyArray<PickledValue> {}
export interface PickledDict extends ReadonlyMap<PickledValue, PickledValue> {}
export interface PickledSet extends ReadonlySet<PickledValue> {}

/** What a PyTorch file holds: None is null, lists and tuples are arrays, dicts are maps, integers past 2⁵³ are bigints. */
export type PickledValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | TensorLike
  | PickledGlobal
  | PickledList
  | PickledDict
  | PickledSet;

/** A storage, whose bytes lie beside the pickle. */
export interface Storage {
  readonly key: string;
  /** The torch type of its elements; `untyped` where the tensors say. */
  readonly elements: string;
  readonly count: number;
  /** The part that is referred to, in elements: all of it, but in old files. */
  readonly offset: number;
  readonly length: number;
}

/** A tensor, or a storage that was saved as it is, until the storages are known. */
export class PendingTensor {
  constructor(
    readonly storage: Storage,
    readonly elements: string,
    readonly offset: number,
    readonly dims: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** An object of a TorchScript archive: its attributes. */
export class ScriptObject extends Map<Item, Item> {}

/** What the machine handles: its lists, dicts and sets are still being filled. */
export type Item =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PendingTensor
  | PickledGlobal
  | Item[]
  | Map<Item, Item>
  | Set<Item>;

export function isGlobal(item: Item | undefined): item is PickledGlobal {
  return typeof item === 'object' && item !== null && 'global' in item;
}

export function pickleError(message: string): CheckpointError {
  return new CheckpointError({
    code: 'CHECKPOINT_PICKLE',
    message,
    fix: 'The file is damaged, or is no state dict: in Python, save model.state_dict() with torch.save or safetensors.',
  });
}
