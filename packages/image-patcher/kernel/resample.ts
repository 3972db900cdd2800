// AssemblyScript: the two passes of Pillow's 8-bit resize with 128-bit SIMD. scripts/generate-kernel.mjs compiles it.
//
// A weight of 23 bits and a sign does not fit the 16-bit lanes of the dot product, so it comes as two: weight = high × 65536 + low, both
// signed. Two sums are kept and joined at the end; all is modulo 2^32, so that the joined sum is that of whole weights to the bit.

const PRECISION: i32 = 22;
const HALF: i32 = 1 << (PRECISION - 1);

/** Joins the two sums, rounds half up and drops the fraction; with 1 or 2 channels, four or two lanes are one sum. */
function joined(low: v128, high: v128, channels: i32): v128 {
  let sum = i32x4.add(low, i32x4.shl(high, 16));
  if (channels < 3) {
    sum = i32x4.add(v128.shuffle<i32>(sum, sum, 0, 2, 0, 2), v128.shuffle<i32>(sum, sum, 1, 3, 1, 3));
    if (channels === 1) sum = i32x4.add(sum, v128.shuffle<i32>(sum, sum, 1, 0, 1, 0));
  }
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(HALF)), PRECISION);
}

/** Four vectors of four sums each → 16 levels, clipped to 0…255. */
function levels(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
}

/**
 * Along x, four rows at once. A step takes 2 pixels of 4 or 3 channels, 4 of 2, 8 of 1, and `order` puts the levels of one channel side by
 * side, each with a zero byte behind it: [r, r', g, g', b, b', a, a'] for 4 channels. `table` holds for each output the offset of its first
 * byte in a row, the number of steps, and for each step the low and the high halves of its weights. Writes up to 4 bytes past a row.
 */
export function across(source: usize, rowBytes: usize, table: usize, size: i32, channels: i32, out: usize, outBytes: usize): void {
  const order =
    channels === 4
      ? i8x16(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1)
      : channels === 3
        ? i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1)
        : channels === 2
          ? i8x16(0, -1, 2, -1, 4, -1, 6, -1, 1, -1, 3, -1, 5, -1, 7, -1)
          : i8x16(0, -1, 1, -1, 2, -1, 3, -1, 4, -1, 5, -1, 6, -1, 7, -1);
  const stepBytes: usize = channels === 3 ? 6 : 8;
  const zero = i32x4.splat(0);
  for (let x = 0; x < size; x++) {
    let p = source + load<u32>(table);
    const steps = load<i32>(table, 4);
    table += 8;
    let low0 = zero;
    let low1 = zero;
    let low2 = zero;
    let low3 = zero;
    let high0 = zero;
    let high1 = zero;
    let high2 = zero;
    let high3 = zero;
    for (let k = 0; k < steps; k++) {
      let low: v128;
      let high: v128;
      if (channels > 2) {
        low = v128.load32_splat(table);
        high = v128.load32_splat(table, 4);
        table += 8;
      } else if (channels === 2) {
        low = v128.load64_splat(table);
        high = v128.load64_splat(table, 8);
        table += 16;
      } else {
        low = v128.load(table);
        high = v128.load(table, 16);
        table += 32;
      }
      const a = i8x16.swizzle(v128.load64_zero(p), order);
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(a, low));
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(a, high));
      const b = i8x16.swizzle(v128.load64_zero(p + rowBytes), order);
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(b, low));
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(b, high));
      const c = i8x16.swizzle(v128.load64_zero(p + 2 * rowBytes), order);
      low2 = i32x4.add(low2, i32x4.dot_i16x8_s(c, low));
      high2 = i32x4.add(high2, i32x4.dot_i16x8_s(c, high));
      const d = i8x16.swizzle(v128.load64_zero(p + 3 * rowBytes), order);
      low3 = i32x4.add(low3, i32x4.dot_i16x8_s(d, low));
      high3 = i32x4.add(high3, i32x4.dot_i16x8_s(d, high));
      p += stepBytes;
    }
    const pixels = levels(
      joined(low0, high0, channels),
      joined(low1, high1, channels),
      joined(low2, high2, channels),
      joined(low3, high3, channels),
    );
    v128.store32_lane(out, pixels, 0);
    v128.store32_lane(out + outBytes, pixels, 1);
    v128.store32_lane(out + 2 * outBytes, pixels, 2);
    v128.store32_lane(out + 3 * outBytes, pixels, 3);
    out += channels;
  }
}

/**
 * Along y, one row of `length` bytes out of `steps` × 2 rows. `weights` holds for each step two low and two high halves. Reads and writes up
 * to 7 bytes past the end of a row.
 */
export function down(rows: usize, rowBytes: usize, weights: usize, steps: i32, out: usize, length: usize): void {
  const zero = i32x4.splat(0);
  for (let x: usize = 0; x < length; x += 8) {
    let low0 = zero;
    let low1 = zero;
    let high0 = zero;
    let high1 = zero;
    let p = rows + x;
    let w = weights;
    for (let k = 0; k < steps; k++) {
      const low = v128.load32_splat(w);
      const high = v128.load32_splat(w, 4);
      const a = v128.load64_zero(p);
      const b = v128.load64_zero(p + rowBytes);
      // Levels of two rows alternate: what stands above one another is summed.
      const both = v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const p0 = i16x8.extend_low_i8x16_u(both);
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(p0, low));
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(p0, high));
      const p1 = i16x8.extend_high_i8x16_u(both);
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(p1, low));
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(p1, high));
      p += 2 * rowBytes;
      w += 8;
    }
    const first = joined(low0, high0, 4);
    const last = joined(low1, high1, 4);
    v128.store64_lane(out + x, levels(first, last, first, last), 0);
  }
}
