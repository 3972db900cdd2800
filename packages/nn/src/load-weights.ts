import type { TensorLike } from '@polymodal/modality-registry';
import { compareWeights, refuseNotFinite, refuseReport, type WeightsReport } from './check-weights.js';
import { CheckpointError, quoted } from './checkpoint-error.js';
import { fromFloat16 } from './float16.js';
import { type Module, namedParameters, namesInFiles } from './module.js';

/** A tensor of floats as float32: float16 is widened, float64 rounded. Throws {@link CheckpointError} `CHECKPOINT_DTYPE` for others. */
export function asFloat32(name: string, tensor: TensorLike): TensorLike<'float32'> {
  const { type, dims, data } = tensor;
  switch (type) {
    case 'float32':
      return tensor as TensorLike<'float32'>;
    case 'float16':
      return { type: 'float32', dims, data: fromFloat16(data as Uint16Array) };
    case 'float64':
      return { type: 'float32', dims, data: Float32Array.from(data as Float64Array) };
    default:
      throw new CheckpointError({
        code: 'CHECKPOINT_DTYPE',
        message: `The weight ${quoted(name)} is ${type}.`,
        fix: 'Save weights as floats (F32, F16, BF16 or F64), and leave out what is no weight.',
      });
  }
}

export interface LoadWeightsOptions {
  /** Whether anything missing, unexpected or mis-shaped is an error; default true. */
  readonly strict?: boolean;
  /** Other tensors that a file holds and the model has not, such as `position_ids` or a head of another task. */
  readonly ignore?: (name: string) => boolean;
}

export interface LoadedWeights extends WeightsReport {
  /** What fits the model, as float32. */
  readonly weights: Map<string, TensorLike<'float32'>>;
}

function equal({ type, dims, data }: TensorLike, other: TensorLike): boolean {
  if (type !== other.type || dims.join() !== other.dims.join() || data.length !== other.data.length) return false;
  for (let i = 0; i < data.length; i++) if (!Object.is(data[i], other.data[i])) return false;
  return true;
}

/** The tensors under the names of the model. One under another name of a shared weight keeps it where it is not equal. */
function renamed(model: Module, tensors: ReadonlyMap<string, TensorLike>): Map<string, TensorLike> {
  const names = namesInFiles(model);
  const out = new Map([...tensors].filter(([name]) => !names.has(name)));
  for (const [name, own] of names) {
    const tensor = tensors.get(name);
    if (tensor === undefined || own === undefined) continue;
    const found = out.get(own);
    if (found === undefined) out.set(own, tensor);
    else if (!equal(found, tensor)) out.set(name, tensor);
  }
  return out;
}

/**
 * Fits tensors of a checkpoint to a model, by name and shape. What fits is widened to float32; the report names the rest. The names are those
 * of the tree, with or without the prefix that the model knows ({@link FileNames}). A weight that the model shares may be there under each
 * of its names, with equal values, and what a module says that it ignores is left out.
 *
 * Throws one {@link CheckpointError} that names all tensors that are missing, unexpected or mis-shaped, unless `strict` is false; and always
 * for NaNs, infinities and integers among those that fit.
 *
 * @example const { weights, missing } = loadWeights(model, tensors, { strict: false }); new Map([...initialize(model, 1), ...weights]);
 */
export function loadWeights(
  model: Module,
  tensors: ReadonlyMap<string, TensorLike>,
  { strict = true, ignore = () => false }: LoadWeightsOptions = {},
): LoadedWeights {
  const expected = new Map([...namedParameters(model)].map(([name, { dims }]) => [name, dims]));
  const given = renamed(model, new Map([...tensors].filter(([name]) => !ignore(name))));
  const report = compareWeights(given, expected);
  if (strict) refuseReport(report);
  const unfit = new Set(report.misshapen.map(({ name }) => name));
  const weights = new Map<string, TensorLike<'float32'>>();
  for (const name of expected.keys()) {
    const tensor = given.get(name);
    if (tensor === undefined || unfit.has(name)) continue;
    const weight = asFloat32(name, tensor);
    refuseNotFinite(name, weight);
    weights.set(name, weight);
  }
  return { weights, ...report };
}
