import { type Coefficients, PRECISION_BITS, span } from './coefficients.js';
import { place } from './crop.js';
import type { Pixels } from './image.js';
import type { Resample } from './resample.js';

/** Held here, since looking up `Math` in an inner loop is slow where globals are intercepted (test runners' sandboxes). */
const { imul } = Math;

/** Half a unit in fixed point: Pillow rounds half up, then clips to 0…255 (the clamped arrays below do the clipping). */
const HALF = 1 << (PRECISION_BITS - 1);

/** What stands between the passes at once, in pixels, unless one column has more. */
const BLOCK_PIXELS = 1 << 24;

/** Both passes in plain TypeScript: the reference of the kernel, and what runs where there is none. */
export const resamplePlain: Resample = (source, window, xTable, yTable) => {
  if (!yTable) return resampleHorizontal(source, window.top, window.height, xTable!);
  if (!xTable) return resampleVertical(source, 0, window.left, window.width, yTable);
  const { first, count } = span(yTable);
  const resampleColumns = (width: number, columns: Coefficients) => {
    const between = { ...source, data: resampleHorizontal(source, first, count, columns), width, height: count }; // [count, width, channels]
    return resampleVertical(between, first, 0, width, yTable);
  };
  const block = Math.ceil(BLOCK_PIXELS / count);
  if (window.width <= block) return resampleColumns(window.width, xTable);
  // A long way down between the passes: some columns after the other, which need nothing of each other.
  const out = new Uint8Array(window.width * window.height * source.channels);
  for (let left = 0; left < window.width; left += block) {
    const width = Math.min(block, window.width - left);
    const data = resampleColumns(width, part(xTable, left, width));
    place({ ...source, data, width, height: window.height }, out, window.width, window.height, left, 0);
  }
  return out;
};

/** The weights of `size` outputs from `first` on. */
function part({ starts, counts, weights, stride }: Coefficients, first: number, size: number): Coefficients {
  const end = first + size;
  return {
    starts: starts.subarray(first, end),
    counts: counts.subarray(first, end),
    weights: weights.subarray(first * stride, end * stride),
    stride,
    size,
  };
}

/**
 * Resamples along x the rows `firstRow` … `firstRow + rows - 1`; the result is [rows, table.size, channels].
 *
 * One loop per channel count: with the count known, the sums stay in registers, which is what the time of a large photograph goes to.
 */
function resampleHorizontal(source: Pixels, firstRow: number, rows: number, table: Coefficients): Uint8Array {
  const { data, width, channels } = source;
  const out = new Uint8ClampedArray(rows * table.size * channels);
  const pass = [horizontal1, horizontal2, horizontal3, horizontal4][channels - 1]!;
  pass(data, firstRow * width * channels, width * channels, rows, table, out);
  return new Uint8Array(out.buffer);
}

type Pass = (data: Uint8Array, offset: number, rowBytes: number, rows: number, table: Coefficients, out: Uint8ClampedArray) => void;

const horizontal1: Pass = (data, offset, rowBytes, rows, { starts, counts, weights, stride, size }, out) => {
  let o = 0;
  for (let y = 0; y < rows; y++) {
    const row = offset + y * rowBytes;
    for (let x = 0; x < size; x++) {
      let p = row + starts[x]!;
      let a = HALF;
      for (let k = x * stride, end = k + counts[x]!; k < end; k++, p++) a = (a + imul(data[p]!, weights[k]!)) | 0;
      out[o++] = a >> PRECISION_BITS;
    }
  }
};

const horizontal2: Pass = (data, offset, rowBytes, rows, { starts, counts, weights, stride, size }, out) => {
  let o = 0;
  for (let y = 0; y < rows; y++) {
    const row = offset + y * rowBytes;
    for (let x = 0; x < size; x++) {
      let p = row + starts[x]! * 2;
      let a = HALF;
      let b = HALF;
      for (let k = x * stride, end = k + counts[x]!; k < end; k++, p += 2) {
        const w = weights[k]!;
        a = (a + imul(data[p]!, w)) | 0;
        b = (b + imul(data[p + 1]!, w)) | 0;
      }
      out[o] = a >> PRECISION_BITS;
      out[o + 1] = b >> PRECISION_BITS;
      o += 2;
    }
  }
};

const horizontal3: Pass = (data, offset, rowBytes, rows, { starts, counts, weights, stride, size }, out) => {
  let o = 0;
  for (let y = 0; y < rows; y++) {
    const row = offset + y * rowBytes;
    for (let x = 0; x < size; x++) {
      let p = row + starts[x]! * 3;
      let a = HALF;
      let b = HALF;
      let c = HALF;
      for (let k = x * stride, end = k + counts[x]!; k < end; k++, p += 3) {
        const w = weights[k]!;
        a = (a + imul(data[p]!, w)) | 0;
        b = (b + imul(data[p + 1]!, w)) | 0;
        c = (c + imul(data[p + 2]!, w)) | 0;
      }
      out[o] = a >> PRECISION_BITS;
      out[o + 1] = b >> PRECISION_BITS;
      out[o + 2] = c >> PRECISION_BITS;
      o += 3;
    }
  }
};

const horizontal4: Pass = (data, offset, rowBytes, rows, { starts, counts, weights, stride, size }, out) => {
  let o = 0;
  for (let y = 0; y < rows; y++) {
    const row = offset + y * rowBytes;
    for (let x = 0; x < size; x++) {
      let p = row + starts[x]! * 4;
      let a = HALF;
      let b = HALF;
      let c = HALF;
      let d = HALF;
      for (let k = x * stride, end = k + counts[x]!; k < end; k++, p += 4) {
        const w = weights[k]!;
        a = (a + imul(data[p]!, w)) | 0;
        b = (b + imul(data[p + 1]!, w)) | 0;
        c = (c + imul(data[p + 2]!, w)) | 0;
        d = (d + imul(data[p + 3]!, w)) | 0;
      }
      out[o] = a >> PRECISION_BITS;
      out[o + 1] = b >> PRECISION_BITS;
      out[o + 2] = c >> PRECISION_BITS;
      out[o + 3] = d >> PRECISION_BITS;
      o += 4;
    }
  }
};

/**
 * Resamples along y. `firstColumn` and `columns` cut out what is wanted of each source row, whose first row is row `rowOffset` of the
 * picture that `table` counts in; the result is [table.size, columns, channels].
 */
function resampleVertical(source: Pixels, rowOffset: number, firstColumn: number, columns: number, table: Coefficients): Uint8Array {
  const { data, width, channels } = source;
  const { starts, counts, weights, stride, size } = table;
  const rowBytes = width * channels;
  const length = columns * channels;
  const out = new Uint8ClampedArray(size * length);
  // A whole row of sums at a time, four taps a sweep: memory is read in order and the row of sums stays in the first cache.
  const sums = new Int32Array(length);
  for (let y = 0; y < size; y++) {
    sums.fill(HALF);
    let k = y * stride;
    const end = k + counts[y]!;
    let p0 = (starts[y]! - rowOffset) * rowBytes + firstColumn * channels;
    for (; k + 3 < end; k += 4, p0 += 4 * rowBytes) {
      const w0 = weights[k]!;
      const w1 = weights[k + 1]!;
      const w2 = weights[k + 2]!;
      const w3 = weights[k + 3]!;
      const p1 = p0 + rowBytes;
      const p2 = p1 + rowBytes;
      const p3 = p2 + rowBytes;
      for (let x = 0; x < length; x++) {
        const near = (imul(data[p0 + x]!, w0) + imul(data[p1 + x]!, w1)) | 0;
        const far = (imul(data[p2 + x]!, w2) + imul(data[p3 + x]!, w3)) | 0;
        sums[x] = (sums[x]! + near + far) | 0;
      }
    }
    for (; k < end; k++, p0 += rowBytes) {
      const w = weights[k]!;
      for (let x = 0; x < length; x++) sums[x] = (sums[x]! + imul(data[p0 + x]!, w)) | 0;
    }
    const row = y * length;
    for (let x = 0; x < length; x++) out[row + x] = sums[x]! >> PRECISION_BITS;
  }
  return new Uint8Array(out.buffer);
}
