import { elementCount, type TensorLike } from '@polymodal/modality-registry';
import { formatDims, sameDims } from '../dims.js';
import { AutogradError } from '../errors.js';
import type { Expr } from '../expr.js';
import type { Emitter } from './emit.js';

/** Weights stored as integers: x = (data − zeroPoint) · scale. */
export interface QuantizedTensor {
  readonly type: 'int8' | 'uint8';
  readonly dims: readonly number[];
  readonly data: Int8Array | Uint8Array;
  /** One for each index of `axis`, or a single one. */
  readonly scale: Float32Array;
  readonly zeroPoint: Int8Array | Uint8Array;
  readonly axis: number | undefined;
  /** Products with this matrix are of integers, and what it is multiplied with is rounded to 8 bits when the graph runs; default false. */
  readonly dynamic?: boolean;
}

/** A weight in a graph: float32 as it is, float16 followed by a cast, integers followed by a cast and a scale. */
export type StoredWeight = TensorLike | QuantizedTensor;

/** Refuses a weight that is not the parameter's: every shape behind it would be another, and nothing would say so. */
export function refuseMisfit(name: string, { type, dims }: Expr, value: StoredWeight): void {
  const stored = 'scale' in value || value.type === type || value.type === 'float16';
  if (stored && sameDims(value.dims, dims) && value.data.length === elementCount(value.dims)) return;
  throw new AutogradError({
    code: 'AUTOGRAD_SHAPE',
    message: `parameter '${name}' is ${type} ${formatDims(dims)}, but its weight is ${value.type} ${formatDims(value.dims)} of ${value.data.length} numbers.`,
    fix: "Pass weights of the parameters' own shapes, as float32, float16, or integers with scales.",
  });
}

type Writer = Pick<Emitter, 'node' | 'constant' | 'extraOutput'>;

/**
 * Cast, subtract, multiply rather than DequantizeLinear: runtimes fold these at load, so that products stay in float32. ONNX Runtime
 * 1.30 fuses the other form into kernels that round activations too, and 1.14 computes it anew in every run.
 */
export function dequantize(writer: Writer, name: string, { dims, scale, zeroPoint, axis }: QuantizedTensor): string {
  const channels = dims.map((_, i) => (i === axis ? scale.length : 1));
  const whole = writer.node('Cast', [name], { to: { type: 'float32' } });
  const zeros = Float32Array.from(zeroPoint);
  const centred = zeros.every((zero) => zero === 0)
    ? whole
    : writer.node('Sub', [whole, writer.constant({ type: 'float32', dims: channels, data: zeros })]);
  return writer.node('Mul', [centred, writer.constant({ type: 'float32', dims: channels, data: scale })]);
}

/** A weight that integers are multiplied with; `float` is what stands for it elsewhere, where something has asked for that. */
interface DynamicWeight {
  readonly name: string;
  readonly value: QuantizedTensor;
  float?: string;
}

/** A value in 8 bits, by the range that it has in this run. */
interface Rounded {
  readonly data: string;
  readonly scale: string;
  readonly zeroPoint: string;
}

/**
 * Dynamic quantisation, as ONNX Runtime's `quantize_dynamic` writes it: DynamicQuantizeLinear, MatMulInteger, Cast, Mul, which runtimes fuse.
 * What is multiplied with several weights is rounded once.
 */
export class DynamicWeights {
  private readonly weights = new Map<string, DynamicWeight>();
  private readonly rounded = new Map<string, Rounded>();

  constructor(private readonly writer: Writer) {}

  /** The value that stands for a weight until it is known what it is used for. */
  keep(name: string, value: QuantizedTensor): string {
    const place = `dynamic:${name}`;
    this.weights.set(place, { name, value });
    return place;
  }

  /** A weight that is kept, as floats; any other value as it is. */
  asFloat(value: string): string {
    const weight = this.weights.get(value);
    if (weight === undefined) return value;
    weight.float ??= dequantize(this.writer, weight.name, weight.value);
    return weight.float;
  }

  private round(x: string): Rounded {
    const known = this.rounded.get(x);
    if (known !== undefined) return known;
    const data = this.writer.node('DynamicQuantizeLinear', [x]);
    const made = { data, scale: this.writer.extraOutput(data, 1), zeroPoint: this.writer.extraOutput(data, 2) };
    this.rounded.set(x, made);
    return made;
  }

  /** x · weight, or x · weightᵀ; undefined where no weight is kept, or where a scale does not belong to a column. */
  product(x: string, weight: string, transposed: boolean): string | undefined {
    const kept = this.weights.get(weight);
    if (kept === undefined) return undefined;
    const { type, dims, axis, scale, zeroPoint } = kept.value;
    if (dims.length !== 2 || (axis !== undefined && axis !== (transposed ? 0 : 1))) return undefined;
    const { writer } = this;
    const left = this.round(x);
    const right = transposed ? writer.node('Transpose', [kept.name], { perm: [1, 0] }) : kept.name;
    const alike = zeroPoint.every((zero) => zero === zeroPoint[0]);
    const zero = writer.constant({
      type,
      dims: alike ? [] : [zeroPoint.length],
      data: alike ? zeroPoint.slice(0, 1) : zeroPoint,
    } as TensorLike);
    const sums = writer.node('MatMulInteger', [left.data, right, left.zeroPoint, zero]);
    const scales = writer.constant({ type: 'float32', dims: scale.length === 1 ? [] : [scale.length], data: scale });
    return writer.node('Mul', [writer.node('Cast', [sums], { to: { type: 'float32' } }), writer.node('Mul', [left.scale, scales])]);
  }
}
