/** The modified Bessel function of the first kind and order 0, by its series, whose terms are all positive: Σ ((x/2)^k / k!)². */
export function besselI0(x: number): number {
  const square = (x * x) / 4;
  let sum = 1;
  for (let k = 1, term = 1; term > sum * 2 ** -54; k++) {
    term *= square / (k * k);
    sum += term;
  }
  return sum;
}
