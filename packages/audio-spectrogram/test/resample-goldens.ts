import type { ResampleOptions } from '../src/resample/options.js';

/** A case of torchaudio or SciPy. */
export interface ResampleGolden {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly options: ResampleOptions;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Sums of float32 in another order: what float32 itself leaves open, for samples within ±1. */
export const TOLERANCE = 1e-6;

/** The cases of goldens/resample.json, whose samples are float32 in base64. */
export function decoded({ cases }: { cases: readonly object[] }): readonly ResampleGolden[] {
  const encoded = cases as readonly (Omit<ResampleGolden, 'x' | 'y'> & { x: string; y: string })[];
  return encoded.map(({ x, y, ...rest }) => ({ ...rest, x: floats(x), y: floats(y) }));
}

/** The largest difference; infinite where lengths differ. */
export function distance(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

function floats(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer);
}
