/** The modified Bessel function of the first kind and order 0. */
export function besselI0(x: number): number {
  return seriesOf((x * x) / 4);
}

/** I0 of 2√y by its series, Σ (y^k / k!²). */
function seriesOf(y: number): number {
  let sum = 1;
  for (let k = 1, term = 1; abs(term) > sum * 2 ** -54; k++) {
    term *= y / (k * k);
    sum += term;
  }
  return sum;
}

const { abs, ceil, floor } = Math;

/** Entries for every 1 of y, which keeps cubics within 4e-12 of the series, relatively: float32 hides that. */
const DENSITY = 128;

/** {@link besselI0} of 0 to `most`, between the entries of a table: a window of many weights sums no series for each. */
export function besselTable(most: number): (x: number) => number {
  // From one entry before 0, where y has no square root but the series goes on, to two beyond the last.
  const count = ceil(((most * most) / 4) * DENSITY) + 4;
  const table = Float64Array.from({ length: count }, (_, i) => seriesOf((i - 1) / DENSITY));
  return (x) => {
    const place = ((x * x) / 4) * DENSITY;
    const i = floor(place);
    const t = place - i;
    const [a, b, c] = [t + 1, t - 1, t - 2];
    const inner = (a * b * c * table[i + 1]! - a * t * c * table[i + 2]!) / 2;
    return inner + (a * t * b * table[i + 3]! - t * b * c * table[i]!) / 6;
  };
}
