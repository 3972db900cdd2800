import { Reader } from '../sniff/reader.js';

/** Undoes PNG's filters (W3C recommendation, section 9) in place: `rows` rows, each of one byte that names its filter and `stride` bytes. */
export function unfilter(data: Uint8Array, rows: number, stride: number, step: number): void {
  for (let y = 0; y < rows; y++) {
    const at = y * (stride + 1) + 1;
    const above = y === 0 ? -1 : at - stride - 1;
    const filter = data[at - 1]!;
    if (filter > 4) throw new Reader(data, 'png').malformed(`row ${y} has filter ${filter}`);
    if (filter === 0) continue;
    for (let i = 0; i < stride; i++) {
      const left = i < step ? 0 : data[at + i - step]!;
      const up = above < 0 ? 0 : data[above + i]!;
      const corner = i < step || above < 0 ? 0 : data[above + i - step]!;
      data[at + i]! += filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
    }
  }
}

function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
