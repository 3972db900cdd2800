import type { DType } from '@polymodal/modality-registry';
import { broadcastDims, stridesOf } from '../dims.js';
import { isFloat, isNarrow, wrap } from '../dtypes.js';
import { AutogradError } from '../errors.js';
import type { Expr, Op, Reference } from '../expr.js';
import type { Emitter } from '../onnx/emit.js';
import { sumTo } from './reduce.js';

/** Applies `f` with NumPy broadcasting. */
function broadcastReference(inputs: readonly Reference[], type: DType, f: (...values: number[]) => number): Reference {
  const dims = inputs.reduce<readonly number[]>((all, { dims: own }) => broadcastDims('reference', all, own) as number[], []);
  const strides = stridesOf(dims);
  const views = inputs.map(({ dims: own, data }) => {
    const ownStrides = stridesOf(own);
    const shift = dims.length - own.length;
    return { data, steps: dims.map((_, axis) => (axis < shift || own[axis - shift] === 1 ? 0 : ownStrides[axis - shift]!)) };
  });
  const data = new Float64Array(dims.reduce((n, dim) => n * dim, 1));
  const values = new Array<number>(inputs.length);
  for (let i = 0; i < data.length; i++) {
    for (let v = 0; v < views.length; v++) {
      const { data: source, steps } = views[v]!;
      let at = 0;
      for (let axis = 0, rest = i; axis < dims.length; axis++) {
        at += Math.floor(rest / strides[axis]!) * steps[axis]!;
        rest %= strides[axis]!;
      }
      values[v] = source[at]!;
    }
    data[i] = f(...values);
  }
  return { type, dims, data };
}

interface ElementwiseRule {
  readonly arity: 1 | 2 | 3;
  readonly reference: (...values: number[]) => number;
  /** ONNX operator type; its inputs are ours, in order. */
  readonly onnx: string;
  readonly result?: 'bool';
  /** What the operands must be; default: anything, of one type. */
  readonly operands?: 'float' | 'number' | 'bool';
  /** The reference for integers, where that is another. */
  readonly whole?: (...values: number[]) => number;
  /** The same for integers of up to 32 bits, where float64 loses digits that stay. */
  readonly narrow?: (...values: number[]) => number;
  /** For int64, where ONNX Runtime (1.30: Max, Min, Sign) takes the lower 32 bits for the number. */
  readonly emitInt64?: (emitter: Emitter, inputs: readonly string[]) => string;
  /** Gradients before they are summed back to each input's shape. */
  readonly gradient?: (inputs: readonly Expr[], g: Expr, node: Expr) => readonly (Expr | undefined)[];
}

/** An operator that works element by element, with NumPy's broadcasting. */
export function defineElementwise(name: string, rule: ElementwiseRule): Op<undefined> {
  const typedFrom = rule.arity === 3 ? 1 : 0;
  return {
    name,
    ...(rule.operands === 'float' && { operands: rule.operands }),
    infer(inputs) {
      const operands = inputs.slice(typedFrom);
      const type = operands[0]!.type;
      const wrong = (own: DType) =>
        own !== type || (rule.operands === 'bool' && own !== 'bool') || (rule.operands === 'number' && own === 'bool');
      if (operands.some((x) => wrong(x.type)))
        throw new AutogradError({
          code: 'AUTOGRAD_TYPE',
          message: `${name}: operands are ${operands.map((x) => x.type).join(' and ')}.`,
          fix: rule.operands === 'bool' ? 'It takes bool tensors: compare first.' : 'Cast them to one type of numbers first.',
        });
      return {
        type: rule.result ?? type,
        dims: inputs.reduce<readonly (number | string)[]>((dims, x) => broadcastDims(name, dims, x.dims), []),
      };
    },
    reference(inputs) {
      const { type } = inputs[typedFrom]!;
      const f = (isNarrow(type) ? rule.narrow : undefined) ?? (isFloat(type) ? undefined : rule.whole) ?? rule.reference;
      const result = broadcastReference(inputs, rule.result ?? type, f);
      return { ...result, data: wrap(result.type, result.data) };
    },
    emit(emitter, inputs, _, node) {
      return rule.emitInt64 !== undefined && node.type === 'int64' ? rule.emitInt64(emitter, inputs) : emitter.node(rule.onnx, inputs);
    },
    ...(rule.gradient && {
      gradient: (node: Expr, g: Expr) => rule.gradient!(node.inputs, g, node).map((own, i) => own && sumTo(own, node.inputs[i]!.dims)),
    }),
  };
}
