import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { DType, TensorLike } from '@polymodal/modality-registry';

/** An array as its original holds it: little-endian, row by row. */
interface GoldenTensor {
  readonly type: DType;
  readonly dims: readonly number[];
  readonly data: string;
}

export interface GoldenFile {
  readonly name: string;
  /** Gzipped, in base64. */
  readonly file: string;
}

interface Goldens {
  readonly npy: readonly (GoldenFile & GoldenTensor & { readonly canonical?: boolean })[];
  readonly npyRefused: readonly GoldenFile[];
  readonly npz: readonly (GoldenFile & { readonly tensors: Readonly<Record<string, GoldenTensor>> })[];
  readonly pth: readonly (GoldenFile & { readonly tensors: Readonly<Record<string, GoldenTensor>> })[];
  readonly pthRefused: readonly (GoldenFile & { readonly code: string; readonly says: string })[];
}

/** Files that numpy and PyTorch wrote, and what they hold. */
export const goldens: Goldens = JSON.parse(readFileSync(new URL('../goldens/formats.json', import.meta.url), 'utf8'));

export const unpacked = ({ file }: GoldenFile): Uint8Array => new Uint8Array(gunzipSync(Buffer.from(file, 'base64')));

export function goldenFile(kind: 'npy' | 'npz' | 'pth', name: string): Uint8Array {
  return unpacked(goldens[kind].find((one) => one.name === name)!);
}

const bytesOf = ({ data }: TensorLike) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');

/** A tensor as goldens spell it: compared by its bytes, so that NaN and −0 count. */
export const spelled = (tensor: TensorLike): GoldenTensor => ({ type: tensor.type, dims: tensor.dims, data: bytesOf(tensor) });

export const allSpelled = (tensors: ReadonlyMap<string, TensorLike>): Record<string, GoldenTensor> =>
  Object.fromEntries([...tensors].map(([name, tensor]) => [name, spelled(tensor)]));
