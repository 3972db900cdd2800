/** The sum of the values from `from` to `to`, a multiple of eight apart: several sums at once, so that the memory is what limits it. */
export function readRange(values: Float64Array, from: number, to: number): number {
  let [s0, s1, s2, s3, s4, s5, s6, s7] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = from; i < to; i += 8) {
    s0 += values[i]!;
    s1 += values[i + 1]!;
    s2 += values[i + 2]!;
    s3 += values[i + 3]!;
    s4 += values[i + 4]!;
    s5 += values[i + 5]!;
    s6 += values[i + 6]!;
    s7 += values[i + 7]!;
  }
  return s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
}
