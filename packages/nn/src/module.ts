import { type Expr, type Initializer, isParameter, ops, type Parameter } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { TrainingError } from './errors.js';

/** A named tree of parameters: what a checkpoint holds. */
export interface ModuleTree {
  readonly [name: string]: Parameter | Module | undefined;
}

/** What is in files of other libraries beside the names of a tree. */
export interface FileNames {
  /** What names may have in front of them, or may lack where the tree has it: a whole model's part without its head is saved so. */
  readonly prefix?: string;
  /** Tensors that are no weights, or that nothing uses: the module computes them, or does without. */
  readonly ignored?: readonly string[];
}

/** Something that owns parameters. One that stands in the tree several times is shared: files may have it under each of its names. */
export interface Module {
  readonly tree: ModuleTree;
  readonly files?: FileNames;
}

/** A function over expressions that owns parameters. */
export type Layer<In extends readonly unknown[] = [Expr], Out = Expr> = Module & ((...inputs: In) => Out);

/** Values by parameter name: `'0.weight'`, `'text.blocks.3.attention.query.weight'` … */
export type Weights = ReadonlyMap<string, TensorLike<'float32'>>;

/** Joins a tree of parameters and the function that uses them. */
export function layer<In extends readonly unknown[], Out>(tree: ModuleTree, forward: (...inputs: In) => Out): Layer<In, Out> {
  return Object.assign((...inputs: In) => forward(...inputs), { tree });
}

function sharedName(name: string): TrainingError {
  return new TrainingError({
    code: 'NN_PARAMETER',
    message: `two parameters of the model are named '${name}'.`,
    fix: "Rename one in its tree: { 'a.b': … } and { a: { tree: { b: … } } } give the same name.",
  });
}

/**
 * All parameters, and running statistics, under their dotted names in the order of the tree. One used twice keeps its first name. Throws
 * {@link TrainingError} `NN_PARAMETER` where two have one name.
 */
export function namedParameters(module: Module): Map<string, Parameter> {
  const found = new Map<string, Parameter>();
  const seen = new Set<Expr>();
  const visit = (tree: ModuleTree, prefix: string): void => {
    for (const [name, value] of Object.entries(tree)) {
      if (value === undefined) continue;
      if ('tree' in value) visit(value.tree, `${prefix}${name}.`);
      else if (isParameter(value) && !seen.has(value)) {
        if (found.has(prefix + name)) throw sharedName(prefix + name);
        seen.add(value);
        found.set(prefix + name, value);
      }
    }
  };
  visit(module.tree, '');
  return found;
}

/** Every name that a file may have for a parameter, the surest first, with the name that `namedParameters` gives it; undefined: left out. */
export function namesInFiles(module: Module): Map<string, string | undefined> {
  const own = new Map<Expr | undefined, string>([...namedParameters(module)].map(([name, leaf]) => [leaf, name]));
  const visit = ({ tree, files: { prefix, ignored = [] } = {} }: Module): Map<string, Expr | undefined> => {
    const found = new Map<string, Expr | undefined>(ignored.map((name) => [name, undefined]));
    for (const [name, value] of Object.entries(tree)) {
      if (value === undefined) continue;
      if ('tree' in value) for (const [inner, leaf] of visit(value)) found.set(`${name}.${inner}`, leaf);
      else if (isParameter(value)) found.set(name, value);
    }
    if (prefix === undefined) return found;
    const names = new Map<string, Expr | undefined>();
    for (const [name, leaf] of found) {
      const other = name.startsWith(prefix) ? name.slice(prefix.length) : prefix + name;
      names.set(name, leaf);
      if (!found.has(other)) names.set(other, leaf);
    }
    return names;
  };
  return new Map([...visit(module)].map(([name, leaf]) => [name, own.get(leaf)]));
}

const buffers = new WeakSet<Expr>();

/** A leaf that is saved, loaded and exported as parameters are, but that no optimiser moves: what a layer measures while it trains. */
export function buffer(dims: readonly number[], initializer: Initializer): Parameter {
  const leaf = ops.parameter(dims, initializer);
  buffers.add(leaf);
  return leaf;
}

export const isBuffer = (leaf: Expr): boolean => buffers.has(leaf);

/** The number of trainable values: running statistics do not count. */
export function parameterCount(module: Module): number {
  let count = 0;
  for (const leaf of namedParameters(module).values()) if (!isBuffer(leaf)) count += leaf.dims.reduce((n, dim) => n * dim, 1);
  return count;
}
