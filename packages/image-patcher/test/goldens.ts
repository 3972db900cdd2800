import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export { noise } from './noise.js';

/** Reference outputs of Pillow, torchvision and PyTorch; large ones as sha256. */
interface Manifest {
  readonly statistics: Readonly<Record<string, { readonly mean: readonly number[]; readonly std: readonly number[] }>>;
  readonly cases: readonly GoldenCase[];
  readonly resize: readonly (ResizeRow & { readonly source: string })[];
  readonly random: readonly (ResizeRow & { readonly seed: number; readonly flattenSha256?: string; readonly greySha256?: string })[];
  readonly patchify: readonly {
    readonly patchSize: number;
    readonly dims: readonly number[];
    readonly embedDims: readonly number[];
    readonly pixels: string;
    readonly weight: string;
    readonly bias: string;
    readonly embedded: string;
    readonly chwSha256: string;
    readonly hwcSha256: string;
  }[];
}

export interface GoldenCase {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly decodedSha256: string;
  readonly rgb?: string;
  readonly rgbIsGrey?: boolean;
  readonly cmyk?: string;
  readonly pipelines: Readonly<
    Record<string, { readonly sha256: string; readonly probe: { readonly index: number[]; readonly value: number[] } }>
  >;
}

interface ResizeRow {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly toWidth: number;
  readonly toHeight: number;
  readonly filter: 'nearest' | 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';
  readonly box?: readonly [number, number, number, number];
  readonly sha256: string;
}

export const goldenPath = (path: string): string => fileURLToPath(new URL(`goldens/${path}`, import.meta.url));

export function goldenBytes(path: string): Uint8Array {
  const bytes = readFileSync(goldenPath(path));
  return new Uint8Array(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
}

export const goldenFloats = (path: string): Float32Array => new Float32Array(goldenBytes(path).buffer);

export const goldens: Manifest = JSON.parse(readFileSync(goldenPath('manifest.json'), 'utf8'));

export function sha256(data: Uint8Array | Uint8ClampedArray | Float32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');
}
