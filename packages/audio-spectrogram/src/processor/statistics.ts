/** Mean and squared deviations of every `stride`-th value from `start` on, `count` of them. */
export function moments(
  values: Float32Array,
  start: number,
  count: number,
  stride = 1,
): { readonly mean: number; readonly squares: number } {
  let sum = 0;
  for (let i = 0, at = start; i < count; i++, at += stride) sum += values[at]!;
  const mean = sum / count;
  let squares = 0;
  for (let i = 0, at = start; i < count; i++, at += stride) squares += (values[at]! - mean) ** 2;
  return { mean, squares };
}

/**
 * Takes its mean off each column of the first `rows` rows, unless `centred` is false, and divides it by what `divisor` makes of its squared
 * deviations, in place. [rows, width]
 */
export function standardizeColumns(
  values: Float32Array,
  rows: number,
  width: number,
  divisor: (squares: number) => number,
  centred = true,
): void {
  for (let column = 0; column < width; column++) {
    const { mean, squares } = moments(values, column, rows, width);
    const by = divisor(squares);
    const less = centred ? mean : 0;
    for (let at = column; at < rows * width; at += width) values[at] = (values[at]! - less) / by;
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
