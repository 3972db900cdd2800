import type { TensorLike } from '@polymodal/modality-registry';
import { CheckpointError, quoted } from '../checkpoint-error.js';
import { gather } from '../formats/strided.js';

function shapeError(message: string): CheckpointError {
  return new CheckpointError({ code: 'CHECKPOINT_SHAPE', message, fix: 'Check that the weights are of this architecture and naming.' });
}

/** A matrix, turned. [rows, columns] → [columns, rows] */
export function transposed(name: string, { type, dims, data }: TensorLike): TensorLike {
  const [rows, columns] = dims;
  if (dims.length !== 2 || rows === undefined || columns === undefined)
    throw shapeError(`${quoted(name)} is to be transposed, but has dims [${dims.join(', ')}].`);
  return { type, dims: [columns, rows], data: gather(data, 0, [columns, rows], [1, columns]) };
}

/** Equal parts along the first axis, as views. */
export function splitRows(name: string, { type, dims, data }: TensorLike, names: readonly string[]): (readonly [string, TensorLike])[] {
  const [rows = 0, ...rest] = dims;
  if (dims.length === 0 || rows % names.length !== 0)
    throw shapeError(`${quoted(name)} has dims [${dims.join(', ')}], which do not divide into ${names.length} parts.`);
  const length = data.length / names.length;
  const part = (i: number) => data.subarray(i * length, (i + 1) * length);
  return names.map((to, i) => [to, { type, dims: [rows / names.length, ...rest], data: part(i) }]);
}

/** Tensors of equal types and shapes, one behind the other along the first axis. */
export function joinRows(parts: readonly (readonly [string, TensorLike])[]): TensorLike {
  const [[firstName, first], ...others] = parts as [readonly [string, TensorLike], ...(readonly [string, TensorLike])[]];
  for (const [name, { type, dims }] of others)
    if (type !== first.type || dims.length === 0 || dims.join() !== first.dims.join())
      throw shapeError(
        `${quoted(name)} is ${type} [${dims.join(', ')}], but ${quoted(firstName)}, to be joined, ${first.type} [${first.dims.join(', ')}].`,
      );
  const [rows = 0, ...rest] = first.dims;
  const Elements = first.data.constructor as new (
    length: number,
  ) => { set(source: TensorLike['data'], offset: number): void } & TensorLike['data'];
  const data = new Elements(first.data.length * parts.length);
  parts.forEach(([, part], i) => {
    data.set(part.data, i * first.data.length);
  });
  return { type: first.type, dims: [rows * parts.length, ...rest], data };
}
