import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

interface Kept {
  readonly file: string;
  readonly dims: readonly number[];
}

/** One case of the originals; which fields there are depends on its kind. */
export interface FeatureCase {
  readonly kind: string;
  readonly signal: string;
  readonly n_mels: number;
  readonly n_mfcc: number;
  readonly padding: number;
  readonly sample_rate: number;
  readonly mel_scale: 'htk' | 'slaney';
  readonly norm: 'slaney' | null;
  readonly n_freqs: number;
  readonly f_min: number;
  readonly f_max: number;
  readonly params: {
    readonly power: 1 | 2;
    readonly center: boolean;
    readonly pad_mode: 'reflect' | 'constant';
    readonly mel_scale: 'htk' | 'slaney';
    readonly htk: boolean;
    readonly norm: 'slaney' | null;
    readonly n_fft: number;
    readonly hop_length: number;
    readonly n_mels: number;
  };
  readonly shape: readonly number[];
  readonly probe: { readonly index: readonly number[]; readonly value: readonly number[] };
  readonly out?: Kept;
  readonly db_top80?: Kept;
  readonly db?: Kept;
  readonly error?: string;
}

interface Manifest {
  readonly signals: Readonly<Record<string, Kept & { readonly dtype: 'int16' | 'float32' }>>;
  readonly whisperFilters: Readonly<Record<'80' | '128', Kept>>;
  readonly cases: readonly FeatureCase[];
}

const read = (file: string): Buffer => readFileSync(new URL(`goldens/features/${file}`, import.meta.url));

export const goldens: Manifest = JSON.parse(read('manifest.json').toString());

export const casesOf = (...kinds: string[]): FeatureCase[] => goldens.cases.filter(({ kind }) => kinds.includes(kind));

const bufferOf = ({ file }: Kept): ArrayBuffer => new Uint8Array(gunzipSync(read(file))).buffer;

export const floats = (kept: Kept): Float32Array => new Float32Array(bufferOf(kept));

/** A signal of the goldens by name, as floats in [-1, 1]. */
export function signal(name: string): Float32Array {
  const kept = goldens.signals[name]!;
  return kept.dtype === 'int16' ? Float32Array.from(new Int16Array(bufferOf(kept)), (x) => x / 32768) : floats(kept);
}

/** The largest difference; NaN differs from everything. */
export function largestDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < ours.length; i++) {
    const apart = Math.abs(ours[i]! - theirs[i]!);
    if (!(apart <= largest)) largest = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
  }
  return largest;
}

/** A matrix of `rows` × `columns` with its columns as rows. */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  return data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}
