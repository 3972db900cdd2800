import { type DType, elementCount, type TensorLike } from '@polymodal/modality-registry';
import { type Expr, type Reference, topologicalOrder } from './expr.js';
import { isPassThrough } from './ops/cast.js';
import { constant, constantTensor } from './ops/leaf.js';

/** Results larger than this are left to the runtime: folding them would make files larger. */
const foldedElements = 1024;

/** Constants up to this many elements are compared by value, larger ones by the memory they lie in. */
const comparedElements = 64;

const arrays = {
  float32: Float32Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const;

/** Whether the reference's numbers are the runtime's: beyond 2^53 it loses digits, and at the end of their range the runtime's wrap. */
const holds: Partial<Record<DType, (value: number) => boolean>> = {
  int64: Number.isSafeInteger,
  int32: (value) => value === Math.trunc(value) && Math.abs(value) < 2 ** 31,
};
const exact = ({ type, data }: Reference): boolean => data.every(holds[type] ?? (() => true));

function toTensor({ type, dims, data }: Reference): TensorLike | undefined {
  if (type === 'int64') return { type, dims, data: BigInt64Array.from(data, BigInt) };
  if (!(type in arrays)) return undefined;
  return { type, dims, data: arrays[type as keyof typeof arrays].from(data) } as TensorLike;
}

/** What attributes say, as text; undefined where they hold what text cannot, such as a function. */
function attributesKey(attributes: unknown): string | undefined {
  let plain = true;
  const text = JSON.stringify(attributes, (_, value: unknown) => {
    if (typeof value === 'function' || typeof value === 'bigint' || ArrayBuffer.isView(value)) plain = false;
    // JSON has one word for all of these.
    return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
      ? `number ${Object.is(value, -0) ? '-0' : value}`
      : value;
  });
  return plain ? (text ?? '') : undefined;
}

/** Gives equal expressions one number, so that they can be found again. */
function createIndex() {
  const ids = new Map<unknown, number>();
  const known = new Map<string, Expr>();
  const idOf = (value: unknown): number => {
    const id = ids.get(value) ?? ids.size;
    ids.set(value, id);
    return id;
  };
  const keyOf = (node: Expr): string | undefined => {
    const tensor = constantTensor(node);
    if (tensor !== undefined) {
      const { type, dims, data } = tensor;
      const content =
        data.length <= comparedElements
          ? Array.from(data as ArrayLike<number | bigint>, (x) => (Object.is(x, -0) ? '-0' : String(x)))
          : `${idOf(data.buffer)}+${data.byteOffset}`;
      return `constant ${type} ${dims.join()}: ${content}`;
    }
    // Leaves are who they are.
    if (node.inputs.length === 0) return undefined;
    const attributes = attributesKey(node.attributes);
    return attributes === undefined ? undefined : `${idOf(node.op)} ${node.inputs.map(idOf).join()} ${attributes}`;
  };
  return (node: Expr): Expr => {
    const key = keyOf(node);
    if (key === undefined) return node;
    const earlier = known.get(key);
    if (earlier === undefined) known.set(key, node);
    return earlier ?? node;
  };
}

/** The value of a node all of whose inputs are constants, where it is small. */
function fold(node: Expr): Expr | undefined {
  if (node.inputs.length === 0 || node.dims.some((dim) => typeof dim === 'string')) return undefined;
  const tensors = node.inputs.flatMap((input) => constantTensor(input) ?? []);
  const known = tensors.length === node.inputs.length && tensors.every(({ type }) => type === 'int64' || type in arrays);
  const small = [node.dims as readonly number[], ...tensors.map(({ dims }) => dims)].every((dims) => elementCount(dims) <= foldedElements);
  if (!known || !small) return undefined;
  const values = tensors.map(({ type, dims, data }) => ({
    type: type as DType,
    dims,
    data: Float64Array.from(data as ArrayLike<number | bigint>, Number),
  }));
  if (!values.every(exact)) return undefined;
  const value = node.op.reference(values, node.attributes, (dim) => dim as number);
  const tensor = exact(value) ? toTensor(value) : undefined;
  return tensor && constant(tensor);
}

/**
 * The same values with less work, for a graph that will not be differentiated any more: equal expressions become one, what depends on small
 * constants alone becomes a constant, and markers for gradients vanish. What no root depends on is not there in the first place.
 */
export function simplify(roots: readonly Expr[]): Expr[] {
  const unique = createIndex();
  const simple = new Map<Expr, Expr>();
  for (const node of topologicalOrder(roots)) {
    if (isPassThrough(node)) {
      simple.set(node, simple.get(node.inputs[0]!)!);
      continue;
    }
    const inputs = node.inputs.map((input) => simple.get(input)!);
    const same = inputs.every((input, i) => input === node.inputs[i]);
    const rebuilt: Expr = same ? node : Object.freeze({ ...node, inputs });
    simple.set(node, unique(fold(rebuilt) ?? rebuilt));
  }
  return roots.map((root) => simple.get(root)!);
}
