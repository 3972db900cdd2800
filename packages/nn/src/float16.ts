/** The 32-bit patterns of `data`, without a copy. */
function bitsOf(data: Float32Array): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, data.length);
}

/** IEEE 754 binary32 bits to binary16 bits, to nearest, ties to even. */
function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7c00 | ((magnitude >>> 13) & 0x3ff || 0x200); // A NaN must not lose its last payload bit.
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 lies halfway to 65536, which is even, so it is the first to overflow.
  if (magnitude >= 0x38800000) {
    const rebiased = magnitude - 0x38000000; // exponent bias 127 → 15
    return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
  }
  const exponent = magnitude >>> 23;
  if (exponent < 102) return sign; // Below 2⁻²⁵, half of the least subnormal.
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  const half = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return sign | (half + (rest > middle || (rest === middle && (half & 1) === 1) ? 1 : 0));
}

/** IEEE 754 binary16 bits to binary32 bits; exact. */
function singleOf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (mantissa << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (mantissa << 13);
  if (mantissa === 0) return sign;
  const shift = Math.clz32(mantissa) - 21; // Brings the leading bit of a subnormal to the implicit position.
  return sign | ((113 - shift) << 23) | (((mantissa << shift) & 0x3ff) << 13);
}

/**
 * Rounds float32 to IEEE half precision, as raw bits; to nearest, ties to even. From 65520 on it gives an infinity, which
 * {@link checkWeights} finds.
 */
export function toFloat16(data: Float32Array): Uint16Array {
  const bits = bitsOf(data);
  const halves = new Uint16Array(data.length);
  for (let i = 0; i < bits.length; i++) halves[i] = halfOf(bits[i]!);
  return halves;
}

/** Widens raw bits of IEEE half precision to float32; exact. */
export function fromFloat16(halves: Uint16Array): Float32Array {
  const data = new Float32Array(halves.length);
  const bits = bitsOf(data);
  for (let i = 0; i < bits.length; i++) bits[i] = singleOf(halves[i]!);
  return data;
}

/** Widens raw bits of bfloat16, the upper half of a float32, to float32; exact. */
export function fromBfloat16(halves: Uint16Array): Float32Array {
  const data = new Float32Array(halves.length);
  const bits = bitsOf(data);
  for (let i = 0; i < bits.length; i++) bits[i] = halves[i]! << 16;
  return data;
}
