import type { SparseFilters } from '../engine/recipe.js';
import { hzToMel, type MelScale, melToHz } from './scale.js';

/** Where triangular filters and the bins they sum lie. */
export interface Triangles {
  /** Corners of the triangles, ascending: filter m goes from corner m over m + 1 to m + 2. [mels + 2] */
  readonly corners: Float64Array;
  /** Bins of the spectrum, ascending, on the axis of the corners. [bins] */
  readonly places: Float64Array;
  /** The corners in hertz, where each filter is to be divided by half its width. [mels + 2] */
  readonly widths?: Float64Array | undefined;
  /** Rounds what every step gives: `Math.fround` as torchaudio, which computes tables in float32. */
  readonly round?: (value: number) => number;
}

/** `mels` + 2 corners equally far apart in pitch, in hertz. */
export function melCorners(mels: number, minHz: number, maxHz: number, scale: MelScale): Float64Array {
  const low = hzToMel(minHz, scale);
  const high = hzToMel(maxHz, scale);
  const step = (high - low) / (mels + 1);
  return Float64Array.from({ length: mels + 2 }, (_, i) => melToHz(i > mels ? high : low + i * step, scale));
}

/** The weights of triangular filters that are not zero, rounded to float32 where librosa rounds them: before the division by widths, and after it. */
export function triangles({ corners, places, widths, round = (value) => value }: Triangles): SparseFilters {
  const { fround, min } = Math;
  const count = corners.length - 2;
  const starts = new Int32Array(count);
  const lengths = new Int32Array(count);
  const weights: number[] = [];
  for (let mel = 0, first = 0; mel < count; mel++) {
    const left = corners[mel]!;
    const centre = corners[mel + 1]!;
    const right = corners[mel + 2]!;
    const scaled = widths ? round(2 / round(widths[mel + 2]! - widths[mel]!)) : 1;
    while (places[first]! <= left) first++;
    let bin = first;
    for (; places[bin]! < right; bin++) {
      const up = round(round(places[bin]! - left) / round(centre - left));
      const down = round(round(right - places[bin]!) / round(right - centre));
      weights.push(fround(fround(min(up, down)) * scaled));
    }
    starts[mel] = first;
    lengths[mel] = bin - first;
  }
  return { count, starts, lengths, weights: Float64Array.from(weights) };
}
