import type { TensorLike } from '@polymodal/modality-registry';
import { AutogradError } from '../errors.js';

/** Names a second file, which holds the weights. */
export interface ExternalData {
  /** The file's name; it lies beside the model, under whichever name that has. */
  readonly location: string;
}

/** Where a tensor's bytes are in the second file. */
export interface ExternalPlace {
  readonly offset: number;
  readonly length: number;
}

/** What protobuf allows in one message, and so in an ONNX file: https://protobuf.dev/programming-guides/proto-limits */
const longestModel = 2 ** 31 - 1;
/** What one array of bytes holds. */
const longestData = 2 ** 32;
/** Runtimes map the file into memory by pages. */
const alignment = 4096;
/** Shapes, axes and scalars stay in the model: runtimes read them while they check it. onnx.external_data_helper has the same bound. */
const shortest = 1024;

export function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Throws {@link AutogradError} `AUTOGRAD_TOO_LARGE` where a model of so many bytes has no ONNX file. */
export function refuseTooLarge(bytes: number): void {
  if (bytes > longestModel)
    throw new AutogradError({
      code: 'AUTOGRAD_TOO_LARGE',
      message: `the model takes ${bytes} bytes with its weights; protobuf allows ${longestModel} in one file.`,
      fix: "Pass 'externalData', which puts the weights into a second file.",
    });
}

function refuseLocation(location: string): void {
  if (location !== '' && location !== '.' && location !== '..' && !/[/\\\0]/.test(location)) return;
  throw new AutogradError({
    code: 'AUTOGRAD_LOCATION',
    message: `${JSON.stringify(location)} is not the name of a file.`,
    fix: "Pass a name without a folder, such as 'model.onnx_data': the data lie beside the model.",
  });
}

/** Gives each tensor of 1 KiB or more a place in one file of data, aligned to pages of 4 KiB. Throws {@link AutogradError}. */
export function placeOutside(
  tensors: ReadonlyMap<string, TensorLike>,
  { location }: ExternalData,
): { readonly places: ReadonlyMap<string, ExternalPlace>; readonly data: Uint8Array } {
  refuseLocation(location);
  const places = new Map<string, ExternalPlace>();
  let end = 0;
  for (const [name, tensor] of tensors) {
    const length = tensor.data.byteLength;
    if (length < shortest) continue;
    const offset = Math.ceil(end / alignment) * alignment;
    places.set(name, { offset, length });
    end = offset + length;
  }
  if (end > longestData)
    throw new AutogradError({
      code: 'AUTOGRAD_TOO_LARGE',
      message: `the weights take ${end} bytes; one array of data holds ${longestData}.`,
      fix: 'Store them as float16 or int8, or export the model in parts.',
    });
  const data = new Uint8Array(end);
  for (const [name, { offset }] of places) data.set(bytesOf(tensors.get(name)!.data), offset);
  return { places, data };
}
