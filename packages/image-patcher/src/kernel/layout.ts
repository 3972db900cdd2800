import { type Coefficients, span } from '../coefficients.js';
import type { Pixels } from '../image.js';
import type { Rectangle } from '../resize.js';
import { acrossBytes, downBytes } from './tables.js';

/** Rows that the kernel takes along x at once. */
export const STRIP = 4;

/** The kernel reads and writes whole vectors, so up to this much past the end of what it is given. */
const SLACK = 64;

/** What a block of finished rows should have, so that the copies out of it are few. */
const BLOCK_BYTES = 32_768;

/** Where things stand in the kernel's memory, in bytes; the weights along x begin at 0. */
export interface Layout {
  /** First byte of a source row that is needed, and how many are. */
  readonly firstByte: number;
  readonly sourceBytes: number;
  /** A strip of source rows, one behind the other. */
  readonly strip: number;
  /** Weights along y of one output. */
  readonly weights: number;
  /** Rows after the pass along x, `stride` apart. */
  readonly rows: number;
  readonly stride: number;
  /** How many of those there is room for. */
  readonly capacity: number;
  /** Finished rows of `outBytes`, up to `blockRows` of them. */
  readonly block: number;
  readonly blockRows: number;
  readonly outBytes: number;
  /** Bytes in all. */
  readonly end: number;
}

/** Plans the memory of one resize. A number of bytes may be as large as the tables ask for: the caller compares `end` with what it allows. */
export function layout(
  { channels }: Pixels,
  window: Rectangle,
  xTable: Coefficients | undefined,
  yTable: Coefficients | undefined,
): Layout {
  const outBytes = window.width * channels;
  const columns = xTable ? span(xTable) : { first: window.left, count: window.width };
  const sourceBytes = columns.count * channels;
  const stride = aligned(outBytes + STRIP);
  // Twice what one output sums: rows move to the front once in as many rows.
  const capacity = 2 * ((yTable?.stride ?? 0) + STRIP);
  const blockRows = Math.max(1, Math.floor(BLOCK_BYTES / outBytes));

  const strip = xTable ? aligned(acrossBytes(xTable, channels)) : 0;
  const weights = strip + (xTable ? aligned(STRIP * sourceBytes + SLACK) : 0);
  const rows = weights + (yTable ? aligned(downBytes(yTable)) : 0);
  const block = rows + capacity * stride + SLACK;
  const end = block + (yTable ? blockRows * outBytes + SLACK : 0);
  return { firstByte: columns.first * channels, sourceBytes, strip, weights, rows, stride, capacity, block, blockRows, outBytes, end };
}

/** Up to the next multiple of a vector; in float64, since a sum here may pass 2^31. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
