import type { Axis } from './coefficients.js';
import { allocatePixels, type Pixels } from './image.js';

/** For each wanted output the source position, or -1 past the edge; Pillow adds up the step in float64 instead of multiplying, and so do we. */
function positions({ inSize, boxStart, boxEnd, outSize, first, count }: Axis): Int32Array {
  const step = Math.fround(boxEnd - boxStart) / outSize;
  const found = new Int32Array(count);
  let at = boxStart + step * 0.5;
  for (let i = 0; i < first + count; i++, at += step) {
    if (i >= first) found[i - first] = at >= 0 && at < inSize ? Math.trunc(at) : -1;
  }
  return found;
}

/** Pillow's nearest-neighbour resize (`ImagingScaleAffine`, src/libImaging/Geometry.c). */
export function resampleNearest(source: Pixels, horizontal: Axis, vertical: Axis): Uint8Array {
  const { data, width, channels } = source;
  const columns = positions(horizontal);
  const rows = positions(vertical);
  const out = allocatePixels(columns.length, rows.length, channels);
  let o = 0;
  for (const row of rows) {
    for (const column of columns) {
      if (row >= 0 && column >= 0) {
        const p = (row * width + column) * channels;
        for (let c = 0; c < channels; c++) out[o + c] = data[p + c]!;
      }
      o += channels;
    }
  }
  return out;
}
