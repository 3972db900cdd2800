/** The floats of 8 bits of the Open Compute Project, under safetensors' names. */
export type Float8 = 'F8_E5M2' | 'F8_E4M3' | 'F8_E8M0';

/** A sign, `5` or `4` bits of exponent, and the rest mantissa, with subnormals. */
function signed(byte: number, exponentBits: 4 | 5): number {
  const mantissaBits = 7 - exponentBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  const sign = byte & 0x80 ? -1 : 1;
  const exponent = (byte & 0x7f) >> mantissaBits;
  const fraction = (byte & (2 ** mantissaBits - 1)) / 2 ** mantissaBits;
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
}

const decoders: Readonly<Record<Float8, (byte: number) => number>> = {
  F8_E5M2(byte) {
    const magnitude = byte & 0x7f;
    if (magnitude < 0x7c) return signed(byte, 5);
    return magnitude > 0x7c ? Number.NaN : byte & 0x80 ? -Infinity : Infinity;
  },
  // No infinities: all bits but the sign are the only NaN ("E4M3FN").
  F8_E4M3: (byte) => ((byte & 0x7f) === 0x7f ? Number.NaN : signed(byte, 4)),
  // A power of two alone, which scales a block of others.
  F8_E8M0: (byte) => (byte === 0xff ? Number.NaN : 2 ** (byte - 127)),
};

/** Widens floats of 8 bits to float32; exact (OCP 8-bit floating point 1.0, Microscaling formats 1.0). */
export function fromFloat8(bytes: Uint8Array, kind: Float8): Float32Array {
  const table = Float32Array.from({ length: 256 }, (_, byte) => decoders[kind](byte));
  const data = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) data[i] = table[bytes[i]!]!;
  return data;
}
