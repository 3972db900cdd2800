/**
 * Sine, cosine, exponential and logarithm from operations that are the same in every engine (those of `Math` are not to the last bit), so
 * that a picture augmented in a browser is the picture augmented in Node.
 */

/** A quarter turn in two parts, the first of 33 bits so that small multiples of it are exact (as in Sun's fdlibm). */
const QUARTER_HIGH = 1.5707963267341256;
const QUARTER_LOW = 6.077100506506192e-11;

/** Sine and cosine of an angle in radians, up to some thousands. */
export function sinCos(radians: number): readonly [sin: number, cos: number] {
  const quarter = Math.round(radians / (QUARTER_HIGH + QUARTER_LOW));
  const x = radians - quarter * QUARTER_HIGH - quarter * QUARTER_LOW; // within an eighth of a turn
  const square = x * x;
  let sin = 0;
  let cos = 0;
  for (let n = 20; n >= 2; n -= 2) {
    cos = (1 - cos) * (square / ((n - 1) * n));
    sin = (1 - sin) * (square / (n * (n + 1)));
  }
  const s = x * (1 - sin);
  const c = 1 - cos;
  const turned = [
    [s, c],
    [c, -s],
    [-s, -c],
    [-c, s],
  ] as const;
  return turned[((quarter % 4) + 4) % 4]!;
}

/** e^x, for |x| up to some hundreds. */
export function exp(x: number): number {
  const doublings = Math.round(x / Math.LN2);
  const rest = x - doublings * Math.LN2;
  let sum = 1;
  for (let n = 18; n >= 1; n--) sum = 1 + (sum * rest) / n;
  return sum * 2 ** doublings;
}

/** The natural logarithm of a positive number. */
export function log(x: number): number {
  let mantissa = x;
  let doublings = 0;
  for (; mantissa > Math.SQRT2; doublings++) mantissa /= 2;
  for (; mantissa < Math.SQRT1_2; doublings--) mantissa *= 2;
  const z = (mantissa - 1) / (mantissa + 1);
  let sum = 0;
  for (let n = 25; n >= 1; n -= 2) sum = sum * z * z + 1 / n;
  return 2 * z * sum + doublings * Math.LN2;
}
