import { type Coefficients, span } from '../coefficients.js';
import type { Pixels } from '../image.js';
import type { Rectangle } from '../resize.js';
import type { Kernel } from './instance.js';
import { layout, STRIP } from './layout.js';
import { writeAcross, writeDown } from './tables.js';

/**
 * The passes of a resize in the kernel: strips of source rows go in, are resampled along x into a buffer of rows, and each result row is
 * summed along y as soon as its rows are there. Undefined where tables and rows exceed the kernel's memory, which takes a source or a
 * result of tens of thousands of columns. Gives [window.height, window.width, channels].
 */
export function resampleInKernel(
  kernel: Kernel,
  source: Pixels,
  window: Rectangle,
  xTable: Coefficients | undefined,
  yTable: Coefficients | undefined,
): Uint8Array | undefined {
  const { data, width, channels } = source;
  const place = layout(source, window, xTable, yTable);
  const { firstByte, sourceBytes, strip, weights, rows, stride, capacity, block, blockRows, outBytes } = place;
  const { buffer } = kernel.memory;
  if (place.end > buffer.byteLength) return undefined;
  const memory = new Uint8Array(buffer);
  if (xTable) writeAcross(buffer, xTable, channels);

  const out = new Uint8Array(window.height * outBytes);
  const needed = yTable ? span(yTable) : { first: window.top, count: window.height };
  const last = needed.first + needed.count;
  /** The buffer holds source rows `base` … `filled - 1`. */
  let base = needed.first;
  let filled = base;

  const fill = (): void => {
    const to = rows + (filled - base) * stride;
    const count = Math.min(STRIP, last - filled);
    for (let r = 0; r < count; r++) {
      const from = (filled + r) * width * channels + firstByte;
      memory.set(data.subarray(from, from + sourceBytes), xTable ? strip + r * sourceBytes : to + r * stride);
    }
    if (xTable) kernel.across(strip, sourceBytes, 0, xTable.size, channels, to, stride);
    filled += count;
  };

  if (!yTable) {
    for (; filled < last; base = filled) {
      fill();
      for (let y = base; y < filled; y++) {
        const from = rows + (y - base) * stride;
        out.set(memory.subarray(from, from + outBytes), (y - window.top) * outBytes);
      }
    }
    return out;
  }
  const halves = new Int16Array(buffer);
  for (let y = 0, done = 0; y < yTable.size; y++) {
    const start = yTable.starts[y]!;
    while (filled < start + yTable.counts[y]!) {
      if (filled - base + STRIP > capacity) {
        // No room for a strip: keep only the rows that this result and later ones need.
        const kept = Math.min(start, filled);
        memory.copyWithin(rows, rows + (kept - base) * stride, rows + (filled - base) * stride);
        base = kept;
      }
      fill();
    }
    const steps = writeDown(halves, weights, yTable, y);
    kernel.down(rows + (start - base) * stride, stride, weights, steps, block + (y - done) * outBytes, outBytes);
    const ready = y + 1 - done;
    if (ready === blockRows || y + 1 === yTable.size) {
      out.set(memory.subarray(block, block + ready * outBytes), done * outBytes);
      done = y + 1;
    }
  }
  return out;
}
