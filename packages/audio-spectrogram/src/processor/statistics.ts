/**
 * Takes its mean off each column of `rows` rows, unless `centred` is false, and divides it by what `divisor` makes of its squared deviations, in
 * place. [rows, width]
 */
export function standardizeColumns(
  values: Float32Array,
  rows: number,
  width: number,
  divisor: (squares: number) => number,
  centred = true,
): void {
  // Row by row, as the values lie in memory.
  const means = new Float64Array(width);
  for (let at = 0; at < rows * width; at += width) for (let c = 0; c < width; c++) means[c]! += values[at + c]!;
  for (let c = 0; c < width; c++) means[c]! /= rows;
  const divisors = new Float64Array(width);
  for (let at = 0; at < rows * width; at += width) for (let c = 0; c < width; c++) divisors[c]! += (values[at + c]! - means[c]!) ** 2;
  for (let c = 0; c < width; c++) divisors[c] = divisor(divisors[c]!);
  if (!centred) means.fill(0);
  for (let at = 0; at < rows * width; at += width) {
    for (let c = 0; c < width; c++) values[at + c] = (values[at + c]! - means[c]!) / divisors[c]!;
  }
}

/** The first `kept` columns of a matrix [rows, columns] as rows. [kept, rows] */
export function transposed(data: Float32Array, rows: number, columns: number, kept = columns): Float32Array {
  const out = new Float32Array(kept * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < kept; column++) out[column * rows + row] = data[row * columns + column]!;
  }
  return out;
}
