/*
 * Math.log and Math.exp may differ in the last bit from engine to engine, which could turn a tie the other way. These use only operations that
 * IEEE 754 fixes, so that training gives the same tokenizer everywhere.
 */

const ln2High = 0.6931471803691238; // The upper bits, so that a product with an exponent is exact (fdlibm's split).
const ln2Low = 1.9082149292705877e-10;

const bits = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8));

/** Natural logarithm of a positive, normal number. */
export function log(x: number): number {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  // 2 artanh(s), of which 12 terms are enough for |s| ≤ 0.172.
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum = 0;
  for (let k = 23; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return exponent * ln2High + (2 * s * sum + exponent * ln2Low);
}

/** e^x for x from -700 to 700. */
export function exp(x: number): number {
  const exponent = Math.round(x / Math.LN2);
  const rest = x - exponent * ln2High - exponent * ln2Low;
  let sum = 1;
  for (let k = 14; k >= 1; k--) sum = 1 + (sum * rest) / k;
  return sum * powerOfTwo(exponent);
}

/** 2^exponent for exponents from -1022 to 1023. */
export function powerOfTwo(exponent: number): number {
  bits.setUint32(0, (exponent + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** The logarithmic derivative of the gamma function, for positive numbers (Abramowitz and Stegun 1964, 6.3.5 and 6.3.18). */
export function digamma(x: number): number {
  let result = 0;
  for (; x < 7; x++) result -= 1 / x;
  const square = 1 / (x * x);
  return result + log(x) - 1 / (2 * x) - square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))));
}
