import { type DType, elementCount, type Random, type TensorLike } from '@polymodal/modality-registry';
import { type Dims, formatDims } from '../dims.js';
import { requireArray, requireType } from '../dtypes.js';
import { AutogradError, shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op } from '../expr.js';
import type { Emitter } from '../onnx/emit.js';

interface LeafAttributes {
  readonly name: string;
  readonly type: DType;
  readonly dims: Dims;
}

function unbound(kind: string, name: string): AutogradError {
  return new AutogradError({ code: 'AUTOGRAD_UNBOUND', message: `${kind} '${name}' has no value.`, fix: 'Pass one in the feeds.' });
}

const inputOp: Op<LeafAttributes> = {
  name: 'input',
  infer: (_, { type, dims }) => ({ type, dims }),
  reference: (_, { name }) => {
    throw unbound('input', name);
  },
  emit: (emitter, _, { name, type, dims }) => emitter.input(name, type, dims),
};

/** Refuses what is no size: neither a whole number from 0 on nor, where they are allowed, a name. */
export function requireSizes(op: string, dims: Dims, names: boolean): void {
  const size = (dim: unknown) => (typeof dim === 'string' ? names && dim !== '' : Number.isInteger(dim) && (dim as number) >= 0);
  if (!Array.isArray(dims) || !dims.every(size))
    throw shapeError(op, `${formatDims([dims].flat())} is not a shape.`, `Use whole numbers${names ? ", or names such as 'batch'" : ''}.`);
}

/** A value that each run feeds. `dims` may hold names (`['batch', 77]`) in graphs for inference. */
export function input(name: string, type: DType, dims: Dims): Expr {
  requireType('input', type);
  requireSizes('input', dims, true);
  return makeExpr(inputOp, [], { name, type, dims: [...dims] }); // A list of the caller's may change.
}

/** How a parameter starts; see `initialize` of `@polymodal/nn`. Values are in row-major order. */
export type Initializer = (dims: readonly number[], random: Random) => Float32Array;

export interface ParameterAttributes {
  readonly dims: readonly number[];
  readonly initializer: Initializer;
}

/** A leaf that training changes. It has no name of its own: its place in a model's tree names it. Always float32. */
export interface Parameter extends Expr<ParameterAttributes> {
  readonly dims: readonly number[];
}

export const parameterOp: Op<ParameterAttributes> = {
  name: 'parameter',
  infer: (_, { dims }) => ({ type: 'float32', dims }),
  reference: () => {
    throw unbound('parameter', '(unnamed)');
  },
  emit: (emitter, _, __, node) => emitter.parameter(node),
};

export function parameter(dims: readonly number[], initializer: Initializer): Parameter {
  if (!dims.every((dim) => Number.isInteger(dim) && dim > 0))
    throw shapeError('parameter', `${formatDims(dims)} is not a shape.`, 'Use positive integers.');
  return makeExpr(parameterOp, [], { dims: [...dims], initializer }) as Parameter;
}

export function isParameter(node: Expr): node is Parameter {
  return node.op === (parameterOp as Op);
}

const constantOp: Op<{ readonly tensor: TensorLike }> = {
  name: 'constant',
  infer: (_, { tensor }) => ({ type: tensor.type, dims: tensor.dims }),
  reference: (_, { tensor }) => ({
    type: tensor.type,
    dims: tensor.dims,
    data: Float64Array.from(tensor.data as ArrayLike<number | bigint>, Number),
  }),
  emit: (emitter, _, { tensor }) => emitter.constant(tensor),
};

/** A tensor that is part of the graph. A number becomes a float32 scalar. */
export function constant(value: number | TensorLike): Expr {
  if (typeof value === 'number')
    return makeExpr(constantOp, [], { tensor: { type: 'float32' as const, dims: [], data: Float32Array.of(value) } });
  if (typeof value !== 'object' || value === null || !('data' in value))
    throw new AutogradError({
      code: 'AUTOGRAD_ARGUMENT',
      message: `constant: ${Array.isArray(value) ? 'an array' : value} is not a tensor.`,
      fix: 'Give a number, or { type, dims, data }.',
    });
  requireType('constant', value.type);
  requireSizes('constant', value.dims, false);
  requireArray('constant', value.type, value.data);
  if (value.data.length !== elementCount(value.dims))
    throw shapeError('constant', `data has ${value.data.length} elements, but [${value.dims}] needs ${elementCount(value.dims)}.`);
  return makeExpr(constantOp, [], { tensor: { type: value.type, dims: [...value.dims], data: value.data } as TensorLike });
}

/** The tensor of a constant; undefined for anything else. */
export function constantTensor(node: Expr): TensorLike | undefined {
  return node.op === (constantOp as Op) ? (node.attributes as { readonly tensor: TensorLike }).tensor : undefined;
}

/** 0, 1, …, length − 1 as int64. [length] */
export function range(length: number): Expr {
  requireSizes('range', [length], false);
  return constant({ type: 'int64', dims: [length], data: BigInt64Array.from({ length }, (_, i) => BigInt(i)) });
}

/** A number for an operator of floats to work with. */
export function emitNumber(emitter: Emitter, value: number, type: DType): string {
  return emitter.constant(
    type === 'float64'
      ? { type: 'float64', dims: [], data: Float64Array.of(value) }
      : { type: 'float32', dims: [], data: Float32Array.of(value) },
  );
}

/** Zeros for an operator to write to. */
export function emitZeros(emitter: Emitter, dims: Dims, type: DType): string {
  const zeros = emitter.node('ConstantOfShape', [emitter.shape(dims)]);
  return type === 'float32' ? zeros : emitter.node('Cast', [zeros], { to: { type } });
}
