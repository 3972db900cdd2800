/** Smaller numbers have fewer digits. */
export const SMALLEST_NORMAL = 2 ** -1022;
/** The upper half of the bits of sqrt(1/2), and of those of 1 less these. */
export const ROOT_HALF_BITS = 0x3fe6a09e;
export const FROM_ROOT_HALF = 0x3ff00000 - ROOT_HALF_BITS;

/** log(2^e · m) = e · log(2) + log(m), and log(m) = 2 artanh(s) = s · P(s²) with s = (m - 1) / (m + 1). */
export interface LogConstants {
  /** log(2) in the base. */
  readonly two: number;
  /** The coefficients of P, from the constant on: 2 / (2i + 1), in the base. */
  readonly series: Float64Array;
}

/** |s| ≤ 0.172, so that what is left out, s^18 / 19, is below 1e-15 of log(m). */
const TERMS = 9;

export function logConstants(base: 'e' | '10'): LogConstants {
  const scale = base === 'e' ? 1 : Math.LOG10E;
  const two = base === 'e' ? Math.LN2 : 0.3010299956639812;
  return { two, series: Float64Array.from({ length: TERMS }, (_, i) => (2 / (2 * i + 1)) * scale) };
}

/**
 * The logarithm in base e or 10 with an error below 1e-15 of 1 or of the value, whichever is larger. Math.log differs between engines and takes
 * a while; this is the same everywhere, and the kernel does the same operations.
 */
export function logarithm(base: 'e' | '10'): (x: number) => number {
  const { two, series } = logConstants(base);
  const [c0, c1, c2, c3, c4, c5, c6, c7, c8] = series as unknown as readonly [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const number = new Float64Array(1);
  const halves = new Int32Array(number.buffer);
  const finite = (x: number): number => {
    number[0] = x;
    const high = halves[1]! + FROM_ROOT_HALF;
    halves[1] = (high & 0xfffff) + ROOT_HALF_BITS;
    const e = (high >>> 20) - 1023;
    const m = number[0]!;
    const s = (m - 1) / (m + 1);
    const z = s * s;
    const p = c0 + z * (c1 + z * (c2 + z * (c3 + z * (c4 + z * (c5 + z * (c6 + z * (c7 + z * c8)))))));
    return e * two + s * p;
  };
  return (x) => {
    if (x >= SMALLEST_NORMAL && x < Infinity) return finite(x);
    if (x > 0 && x < Infinity) return finite(x * 2 ** 54) - 54 * two;
    return x === 0 ? -Infinity : x > 0 ? x : NaN;
  };
}
