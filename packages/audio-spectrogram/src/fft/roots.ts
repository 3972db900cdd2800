/**
 * cos and sin of k / n turns, written to `to` at `at` and `at + 1`, within 2e-16. The angle is brought into the first eighth of a turn, so that
 * multiples of a quarter come out exact and mirrored angles mirror one another. Math.cos differs between engines in the last bit: these series
 * do not.
 */
export function writeRoot(to: Float64Array, at: number, k: number, n: number): void {
  // In eighths of a turn, exactly: 8k = octant · n + rest.
  const turn = k % n;
  const turned = 8 * (turn < 0 ? turn + n : turn);
  const octant = Math.floor(turned / n);
  const rest = turned - octant * n;
  const odd = octant % 2 === 1;
  const angle = (Math.PI / 4) * ((odd ? n - rest : rest) / n);
  const square = angle * angle;
  let c = 1;
  let s = 1;
  for (let i = 18; i > 0; i -= 2) {
    c = 1 - (square / (i * (i - 1))) * c;
    s = 1 - (square / (i * (i + 1))) * s;
  }
  s *= angle;
  const [x, y] = odd ? [s, c] : [c, s];
  const quarter = octant >> 1;
  to[at] = quarter === 0 ? x : quarter === 1 ? -y : quarter === 2 ? -x : y;
  to[at + 1] = quarter === 0 ? y : quarter === 1 ? x : quarter === 2 ? -y : -x;
}

/** cos(2πk / n) as {@link writeRoot} gives it. */
export function cosine(k: number, n: number): number {
  const root = new Float64Array(2);
  writeRoot(root, 0, k, n);
  return root[0]!;
}

/** sin(2πk / n) as {@link writeRoot} gives it. */
export function sine(k: number, n: number): number {
  const root = new Float64Array(2);
  writeRoot(root, 0, k, n);
  return root[1]!;
}
