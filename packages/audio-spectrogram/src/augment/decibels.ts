/**
 * 10^(decibels ÷ 20), the factor of an amplitude, to about 1e-15. From the four exact operations only: `**` differs between engines, and a
 * seed promises the same bytes in all.
 */
export function decibelsToGain(decibels: number): number {
  const power = (decibels * Math.LN10) / 20 / Math.LN2; // of two
  const whole = Math.round(power);
  const rest = (power - whole) * Math.LN2; // within ±0.35: the series converges at once
  let series = 1;
  for (let k = 16; k >= 1; k--) series = 1 + (series * rest) / k;
  return series * powerOfTwo(whole);
}

/** By squaring, which is exact, unlike `**` where an engine takes logarithms. */
function powerOfTwo(exponent: number): number {
  let result = 1;
  let base = exponent < 0 ? 0.5 : 2;
  for (let left = Math.abs(exponent); left > 0; left = Math.floor(left / 2), base *= base) if (left % 2 === 1) result *= base;
  return result;
}
