import {
  type Dims,
  type EmitOptions,
  type Expr,
  type ExternalData,
  emitOnnx,
  emitOnnxFiles,
  type OnnxFiles,
  ops,
  productWeights,
  type QuantizedTensor,
  type StoredWeight,
} from '@polymodal/autograd';
import type { DType, TensorLike } from '@polymodal/modality-registry';
import { checkWeights } from './check-weights.js';
import { listed } from './checkpoint-error.js';
import { TrainingError } from './errors.js';
import { toFloat16 } from './float16.js';
import { inputError } from './model-errors.js';
import { type Module, namedParameters, type Weights } from './module.js';
import { type QuantizedWeights, quantizeWeights } from './quantize.js';
import { reachable } from './reachable.js';

export interface ExportOptions {
  /** What the graph is fed. Dimensions may be names: `{ x: { type: 'float32', dims: ['batch', 768] } }`. */
  readonly inputs: Readonly<Record<string, { readonly type: DType; readonly dims: Dims }>>;
  /** From the inputs to one output, named `output`, or to several under their names. */
  readonly forward: (inputs: Readonly<Record<string, Expr>>) => Expr | Readonly<Record<string, Expr>>;
  readonly weights: Weights;
  /** Stores weights in half the bytes, rounded to IEEE half precision and widened when the graph is loaded; default false. */
  readonly float16?: boolean;
  /**
   * Stores matrices and kernels of 512 numbers or more as int8 with a scale per index of their first axis, widened when the graph is loaded:
   * activations stay float32. `'dynamic'` multiplies integers besides, with matrices: what they are multiplied with is rounded to 8 bits by
   * its range in each run, as in the files that transformers.js calls `_quantized`. Smaller weights are stored as `float16` says. Default false.
   */
  readonly int8?: boolean | 'dynamic';
  /** What the file says of itself, by key: a licence, where the weights come from. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Options of a model in two files: weights above 2 GB need them, for which protobuf has no room. */
export interface ExternalExportOptions extends ExportOptions {
  readonly externalData: ExternalData;
}

const isExpr = (value: Expr | Readonly<Record<string, Expr>>): value is Expr => typeof (value as Expr).op?.infer === 'function';

/** Rounds weights to half precision, or leaves them. Throws `CheckpointError` where they are not the model's, or not finite. */
export function storedWeights(model: Module, weights: Weights, float16 = false): Map<string, TensorLike<'float16' | 'float32'>> {
  const expected = new Map([...namedParameters(model)].map(([name, { dims }]) => [name, dims]));
  checkWeights(weights, expected);
  const stored = new Map<string, TensorLike<'float16' | 'float32'>>();
  for (const name of expected.keys()) {
    const { dims, data } = weights.get(name)!;
    stored.set(name, float16 ? { type: 'float16', dims, data: toFloat16(data) } : { type: 'float32', dims, data });
  }
  checkWeights(stored, expected); // A number above 65,504 has no finite half.
  return stored;
}

/** Smaller tensors weigh nothing as int8, and biases and gains suffer most. */
const quantizeFrom = 512;

/** With all numbers moved up by 128: processors multiply unsigned integers with each other without an overflow, with signed ones some do not. */
function forIntegers({ data, dims, scale, axis }: QuantizedWeights): QuantizedTensor {
  const unsigned = Uint8Array.from(data, (value) => value + 128);
  return { type: 'uint8', dims, data: unsigned, scale, zeroPoint: new Uint8Array(scale.length).fill(128), axis, dynamic: true };
}

function exportedWeights(
  model: Module,
  outputs: Readonly<Record<string, Expr>>,
  { weights, float16, int8 = false }: ExportOptions,
): Map<string, StoredWeight> {
  if (![true, false, 'dynamic'].includes(int8))
    throw new TrainingError({
      code: 'TRAIN_OPTIONS',
      message: `exportOnnx: 'int8' is ${JSON.stringify(int8)}.`,
      fix: "Pass true, false or 'dynamic'.",
    });
  const stored = new Map<string, StoredWeight>(storedWeights(model, weights, float16));
  if (!int8) return stored;
  const multiplied = int8 === 'dynamic' ? productWeights(Object.values(outputs)) : new Map<Expr, number>();
  for (const [name, node] of namedParameters(model)) {
    const { dims, data } = weights.get(name)!;
    if (dims.length < 2 || data.length < quantizeFrom) continue;
    const axis = multiplied.get(node);
    stored.set(name, axis === undefined ? quantizeWeights(data, dims, { axis: 0 }) : forIntegers(quantizeWeights(data, dims, { axis })));
  }
  return stored;
}

/** Whoever runs the file feeds what it was told: an input that the file has not is refused there, far from the reason. */
function refuseUnused(inputs: Readonly<Record<string, Expr>>, outputs: readonly Expr[]): void {
  const used = reachable(outputs);
  const unused = Object.keys(inputs).filter((name) => !used.has(inputs[name]!));
  if (unused.length > 0)
    throw inputError(
      `exportOnnx: no output depends on ${listed(unused)} of the inputs.`,
      "Use it in 'forward', or leave it out of 'inputs'.",
    );
}

function toEmit(model: Module, options: ExportOptions): EmitOptions {
  const { inputs, forward, metadata } = options;
  const fed = Object.fromEntries(Object.entries(inputs).map(([name, { type, dims }]) => [name, ops.input(name, type, dims)]));
  const result = forward(fed);
  const outputs = isExpr(result) ? { output: result } : result;
  refuseUnused(fed, Object.values(outputs));
  return {
    outputs,
    parameters: new Map([...namedParameters(model)].map(([name, node]) => [node, name])),
    weights: exportedWeights(model, outputs, options),
    ...(metadata && { metadata }),
  };
}

/**
 * Writes a model with its weights as one ONNX file (opset 17, IR version 8), which ONNX Runtime loads from version 1.14 on; with
 * `externalData`, as a model and a file of data that lies beside it under the given name. Throws `CheckpointError` where the weights are not
 * the model's, or not finite, `TrainingError` `NN_INPUT` for an input that no output depends on and `TRAIN_OPTIONS` for an `int8` that there is not, and `AutogradError` `AUTOGRAD_DUPLICATE_NAME`
 * where inputs, outputs and parameters share a name, `AUTOGRAD_TOO_LARGE` for more than 2 GB in one file or 4 GiB of data.
 *
 * @example exportOnnx(model, { weights, inputs: { x: { type: 'float32', dims: ['batch', 768] } }, forward: ({ x }) => model(x!) })
 * @example const { model, data } = exportOnnx(llama, { weights, inputs, forward, externalData: { location: 'model.onnx_data' } })
 */
export function exportOnnx(model: Module, options: ExternalExportOptions): OnnxFiles;
export function exportOnnx(model: Module, options: ExportOptions): Uint8Array;
export function exportOnnx(model: Module, options: ExportOptions | ExternalExportOptions): Uint8Array | OnnxFiles {
  const emitted = toEmit(model, options);
  const externalData = 'externalData' in options ? options.externalData : undefined;
  return externalData === undefined ? emitOnnx(emitted) : emitOnnxFiles(emitted, externalData);
}
