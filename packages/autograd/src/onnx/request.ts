import { elementCount, type TensorLike } from '@polymodal/modality-registry';
import { formatDims } from '../dims.js';
import { AutogradError } from '../errors.js';
import type { Tensor } from './backend.js';
import { checkNamedDims, namedDims } from './named-dims.js';

// What both backends refuse, so that they refuse it alike.

export const disposedError = (): AutogradError =>
  new AutogradError({ code: 'AUTOGRAD_DISPOSED', message: 'the backend has been disposed of.', fix: 'Create a new one.' });

/** For a tensor of another backend, or, where only a tensor will do, for data. */
export function foreignTensor(value: Tensor | TensorLike): AutogradError {
  const given = 'data' in value ? 'data' : `a tensor of another backend (${value.location})`;
  return new AutogradError({
    code: 'AUTOGRAD_FOREIGN_TENSOR',
    message: `${given} was given in place of a tensor of this backend.`,
    fix: 'Create it with tensor() of this backend; what another holds can be read and passed as data.',
  });
}

/** Throws {@link AutogradError} `AUTOGRAD_RUNTIME` for what are no bytes. */
export function checkModel(model: Uint8Array): void {
  if (!(ArrayBuffer.isView(model) && model.byteLength > 0))
    throw new AutogradError({
      code: 'AUTOGRAD_RUNTIME',
      message: `compile() was given ${ArrayBuffer.isView(model) ? 'no bytes' : typeof model} in place of a model.`,
      fix: 'Pass what emitOnnx() returns, or the bytes of an ONNX file.',
    });
}

/** Throws {@link AutogradError} `AUTOGRAD_SHAPE` where the data do not fill the shape. */
export function checkTensor({ dims, data }: TensorLike): void {
  if (!ArrayBuffer.isView(data) || data.length !== elementCount(dims))
    throw new AutogradError({
      code: 'AUTOGRAD_SHAPE',
      message: `a tensor ${formatDims(dims)} was given ${ArrayBuffer.isView(data) ? `${data.length} elements` : typeof data}; it needs a typed array of ${elementCount(dims)}.`,
      fix: 'Pass data for every element, in row-major order.',
    });
}

interface Request {
  readonly feeds: Readonly<Record<string, Tensor | TensorLike>>;
  readonly out: Readonly<Record<string, Tensor>>;
  readonly fetch: readonly string[];
}

/** The check of a model's runs: of the names of outputs, and of named dimensions. Throws {@link AutogradError}. */
export function requestCheck(model: Uint8Array, outputNames: readonly string[]): (request: Request) => void {
  const outputs = new Set(outputNames);
  const named = namedDims(model);
  return ({ feeds, out, fetch }) => {
    for (const name of [...fetch, ...Object.keys(out)])
      if (!outputs.has(name))
        throw new AutogradError({
          code: 'AUTOGRAD_UNKNOWN_OUTPUT',
          message: `the graph has no output '${name}'.`,
          fix: `It has ${outputNames.map((one) => `'${one}'`).join(', ')}.`,
        });
    checkNamedDims(named, feeds);
  };
}
