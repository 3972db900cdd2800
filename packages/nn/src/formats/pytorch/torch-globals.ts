import { CheckpointError, quoted } from '../../checkpoint-error.js';
import { spanOf } from '../strided.js';
import type { PickleHost } from './pickle-machine.js';
import { type Item, isGlobal, PendingTensor, type PickledGlobal, pickleError, ScriptObject } from './pickle-value.js';
import { dtypeElements, storageElements } from './torch-types.js';

const maxAxes = 64;

type Rebuild = (...args: readonly Item[]) => Item;

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function indices(value: Item | undefined, what: string): number[] {
  if (!Array.isArray(value) || value.length > maxAxes || !value.every(isIndex))
    throw new CheckpointError({
      code: 'CHECKPOINT_SHAPE',
      message: `A tensor has ${what} that are not a tuple of up to ${maxAxes} sizes.`,
      fix: 'The file is damaged; fetch or save it again.',
    });
  return value as number[];
}

/** A view of a storage, checked to lie within it. */
function tensor(storage: Item | undefined, offset: Item | undefined, size: Item | undefined, stride: Item | undefined, elements?: string) {
  if (!(storage instanceof PendingTensor) || !isIndex(offset)) throw pickleError('The pickle rebuilds a tensor of what is no storage.');
  const dims = indices(size, 'sizes');
  const strides = indices(stride, 'strides');
  const empty = dims.includes(0);
  const last = empty ? 0 : offset + spanOf(dims, strides);
  const count = dims.reduce((n, dim) => n * dim, 1);
  const { length: available, elements: own } = storage.storage;
  const fits = own === 'untyped' ? Number.isSafeInteger(last) : last < available;
  if (dims.length !== strides.length || !Number.isSafeInteger(count) || !(empty || fits))
    throw new CheckpointError({
      code: 'CHECKPOINT_SHAPE',
      message: `A tensor of sizes [${dims.join(', ')}] and strides [${strides.join(', ')}] from element ${offset} on does not fit into its storage of ${available}.`,
      fix: 'The file is damaged; fetch or save it again.',
    });
  return new PendingTensor(storage.storage, elements ?? storage.elements, offset, dims, strides);
}

function pairs(dict: Item | undefined): Item {
  if (dict === undefined) return new Map();
  if (!Array.isArray(dict) || !dict.every((pair) => Array.isArray(pair) && pair.length === 2))
    throw pickleError('The pickle makes a dict of what are no pairs.');
  return new Map(dict as [Item, Item][]);
}

function listOf(items: Item | undefined): Item[] {
  if (!Array.isArray(items)) throw pickleError('The pickle makes a collection of what is no list.');
  return items;
}

const parameter: Rebuild = (data) => {
  if (!(data instanceof PendingTensor)) throw pickleError('The pickle makes a parameter of what is no tensor.');
  return data;
};

/** Bytes, which protocols before the third spell as text. */
const bytesOf: Rebuild = (content, encoding) => {
  if (content === undefined) return new Uint8Array(0);
  if (content instanceof Uint8Array) return content;
  if (typeof content !== 'string' || (encoding !== 'latin1' && encoding !== 'latin-1'))
    throw pickleError('The pickle makes bytes of what are none.');
  return Uint8Array.from(content, (character) => character.charCodeAt(0));
};

/** A device by its name, such as `cuda:0`. */
const device: Rebuild = (type, index) => {
  if (typeof type !== 'string' || !(index === undefined || index === null || isIndex(index)))
    throw pickleError('The pickle names a device that is none.');
  return typeof index === 'number' ? `${type}:${index}` : type;
};

const set: Rebuild = (items) => new Set(items === undefined ? [] : listOf(items));

/** Every function that is admitted, and what is done in its place. */
const functions: Readonly<Record<string, Rebuild>> = {
  'torch._utils._rebuild_tensor': (storage, offset, size, stride) => tensor(storage, offset, size, stride),
  'torch._utils._rebuild_tensor_v2': (storage, offset, size, stride) => tensor(storage, offset, size, stride),
  'torch._utils._rebuild_tensor_v3': (storage, offset, size, stride, _grad, _hooks, dtype) => {
    const elements = isGlobal(dtype) ? dtypeElements(dtype.global) : undefined;
    if (elements === undefined) throw pickleError('The pickle rebuilds a tensor without a dtype.');
    return tensor(storage, offset, size, stride, elements);
  },
  'torch._utils._rebuild_parameter': parameter,
  'torch._utils._rebuild_parameter_with_state': parameter,
  'collections.OrderedDict': pairs,
  'torch.Size': listOf,
  'torch.device': device,
  'builtins.set': set,
  'builtins.frozenset': set,
  'builtins.bytes': bytesOf,
  'builtins.bytearray': bytesOf,
  '_codecs.encode': bytesOf,
};

/** What TorchScript's archives call beside; each gives back its first argument. */
const scriptFunction = /^torch\.jit\._pickle\.(build_(int|double|bool|tensor)list|restore_type_tag)$/;

/** Classes that tensors name when they carry attributes, which are left out. */
const tensorClasses = ['torch.Tensor', 'torch._tensor.Tensor', 'torch.nn.parameter.Parameter'];
const fromType = 'torch._tensor._rebuild_from_type_v2';

function refuseGlobal(name: string): CheckpointError {
  return new CheckpointError({
    code: 'CHECKPOINT_GLOBAL',
    message: `The file refers to ${quoted(name)}; only tensors and plain containers are read, and nothing is executed.`,
    fix: 'In Python, where you trust the file, load it and save its state dict alone, best as safetensors.',
  });
}

/** The persistent id of a storage. Old files name a part of it as well: [key, offset, length]. */
function storage([kind, type, key, , count, view]: readonly Item[]): PendingTensor {
  const elements = isGlobal(type) ? storageElements(type.global) : undefined;
  if (kind !== 'storage' || elements === undefined || typeof key !== 'string' || !isIndex(count))
    throw pickleError('The pickle refers to something outside that is no storage.');
  const [, offset, length] = Array.isArray(view) ? view : [key, 0, count];
  if (!isIndex(offset) || !isIndex(length) || offset + length > count)
    throw pickleError('The pickle refers to a part of a storage that lies outside of it.');
  return new PendingTensor({ key, elements, count, offset, length }, elements, 0, [length], [1]);
}

/**
 * The globals that a state dict needs, and what stands in for them. All others are refused by name, when they are named: nothing that a file
 * says is ever looked up or called. `script` admits the classes that a TorchScript archive brings itself, as dicts of their attributes.
 */
export function torchHost(script: boolean): PickleHost {
  const admitted = (name: string): boolean =>
    Object.hasOwn(functions, name) ||
    name === fromType ||
    tensorClasses.includes(name) ||
    storageElements(name) !== undefined ||
    dtypeElements(name) !== undefined ||
    (script && (scriptFunction.test(name) || name.startsWith('__torch__.')));
  const call = ({ global }: PickledGlobal, args: readonly Item[]): Item => {
    if (Object.hasOwn(functions, global)) return functions[global]!(...args);
    if (scriptFunction.test(global) && args[0] !== undefined) return args[0];
    if (global.startsWith('__torch__.')) return new ScriptObject();
    const [inner, type, innerArgs] = args;
    if (global === fromType && isGlobal(inner) && isGlobal(type) && tensorClasses.includes(type.global) && inner.global !== fromType)
      return parameter(call(inner, listOf(innerArgs)));
    throw pickleError(`The pickle calls ${quoted(global)}, which is no function here.`);
  };
  return {
    find(module, name) {
      const global = `${module === '__builtin__' ? 'builtins' : module}.${name}`; // Python 2's name of the same
      if (!admitted(global)) throw refuseGlobal(`${module}.${name}`);
      return { global };
    },
    call,
    load: (id) => storage(listOf(id)),
  };
}
