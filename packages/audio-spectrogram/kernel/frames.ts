// AssemblyScript: windows, Fourier transforms, powers, filters and logarithms of two frames at once, one in each lane of 128-bit SIMD, in
// float64. scripts/generate-kernel.mjs compiles it.
//
// Every operation is that of src/fft and src/engine/engine-plain.ts, in the same order: the results are the same to the bit. A lane never
// sees its neighbour. Complex numbers take 32 bytes: both real parts, both imaginary parts.

import { add, mul, pass2, pass3, pass4, pass5, pass8, sub } from './passes';
import {
  BIAS,
  BIAS_OF_SMALL,
  FLOOR,
  FROM_ROOT_HALF,
  INFINITY,
  LOG_OF_2,
  MANTISSA,
  MINUS_INFINITY,
  ONE,
  PLAN,
  ROOT_HALF_BITS,
  SERIES,
  SMALLEST_NORMAL,
  TWO_TO_52,
  TWO_TO_54,
} from './places';

/** The windowed samples of two frames as complex numbers, sample 2i and sample 2i + 1. */
function load2(a: usize, b: usize, window: usize, half: usize, y: usize): void {
  for (const end = y + 32 * half; y < end; y += 32) {
    const w = v128.load(window);
    const p = mul(v128.load(a), w);
    const q = mul(v128.load(b), w);
    v128.store(y, v128.shuffle<f64>(p, q, 0, 2));
    v128.store(y, v128.shuffle<f64>(p, q, 1, 3), 16);
    window += 16;
    a += 16;
    b += 16;
  }
}

/** From the transform z of pairs of samples to the powers (or magnitudes) of all frequencies. */
function powers(z: usize, half: usize, roots: usize, magnitude: i32, y: usize): void {
  // Its period is `half`.
  v128.store(z + 32 * half, v128.load(z));
  v128.store(z + 32 * half, v128.load(z, 16), 16);
  let h = z + 32 * half;
  let end = y + 16 * half;
  for (; z <= h; z += 32) {
    const ar = v128.load(z);
    const ai = v128.load(z, 16);
    const br = v128.load(h);
    const bi = v128.load(h, 16);
    const er = add(ar, br);
    const ei = sub(ai, bi);
    const or = add(ai, bi);
    const oi = sub(br, ar);
    const wr = v128.load64_splat(roots);
    const wi = v128.load64_splat(roots, 8);
    const tr = sub(mul(or, wr), mul(oi, wi));
    const ti = add(mul(or, wi), mul(oi, wr));
    const re = add(er, tr);
    const im = add(ei, ti);
    const ve = sub(er, tr);
    const vi = sub(ti, ei);
    let low = add(mul(re, re), mul(im, im));
    let high = add(mul(ve, ve), mul(vi, vi));
    if (magnitude) {
      low = f64x2.sqrt(low);
      high = f64x2.sqrt(high);
    }
    v128.store(y, low);
    v128.store(end, high);
    roots += 16;
    y += 16;
    end -= 16;
    h -= 32;
  }
}

/** src/engine/logarithm.ts of positive numbers, infinity and NaN included. */
// inline
function logarithm(given: v128): v128 {
  const normal = v128.and(f64x2.ge(given, v128.load64_splat(SMALLEST_NORMAL)), f64x2.lt(given, v128.load64_splat(INFINITY)));
  const usual = i64x2.all_true(normal);
  let x = given;
  let bias = v128.load64_splat(BIAS);
  if (!usual) {
    // Numbers of fewer digits are scaled by 2^54.
    x = v128.bitselect(given, mul(given, v128.load64_splat(TWO_TO_54)), normal);
    bias = v128.bitselect(bias, v128.load64_splat(BIAS_OF_SMALL), normal);
  }
  const bits = i64x2.add(x, v128.load64_splat(FROM_ROOT_HALF));
  // As the last digits of 2^52, an integer is a float64.
  const exponent = v128.or(i64x2.shr_u(bits, 52), v128.load64_splat(TWO_TO_52));
  const e = sub(exponent, bias);
  const m = i64x2.add(v128.and(bits, v128.load64_splat(MANTISSA)), v128.load64_splat(ROOT_HALF_BITS));
  const s = f64x2.div(sub(m, v128.load64_splat(ONE)), add(m, v128.load64_splat(ONE)));
  const z = mul(s, s);
  let sum = v128.load64_splat(SERIES, 64);
  sum = add(v128.load64_splat(SERIES, 56), mul(z, sum));
  sum = add(v128.load64_splat(SERIES, 48), mul(z, sum));
  sum = add(v128.load64_splat(SERIES, 40), mul(z, sum));
  sum = add(v128.load64_splat(SERIES, 32), mul(z, sum));
  sum = add(v128.load64_splat(SERIES, 24), mul(z, sum));
  sum = add(v128.load64_splat(SERIES, 16), mul(z, sum));
  sum = add(v128.load64_splat(SERIES, 8), mul(z, sum));
  sum = add(v128.load64_splat(SERIES, 0), mul(z, sum));
  const log = add(mul(e, v128.load64_splat(LOG_OF_2)), mul(s, sum));
  if (usual) return log;
  const finite = v128.bitselect(log, given, f64x2.lt(given, v128.load64_splat(INFINITY)));
  return v128.bitselect(v128.load64_splat(MINUS_INFINITY), finite, f64x2.eq(given, v128.xor(given, given)));
}

/** Features of `frames` frames, two by two: those of bin b from out + b · rowBytes on, as float32. */
export function run(samples: usize, hopBytes: usize, frames: i32, out: usize, rowBytes: usize): void {
  const half: usize = load<u32>(PLAN);
  const window: usize = load<u32>(PLAN, 4);
  const roots: usize = load<u32>(PLAN, 8);
  const stages: usize = load<u32>(PLAN, 12);
  const workA: usize = load<u32>(PLAN, 16);
  const workB: usize = load<u32>(PLAN, 20);
  const values: usize = load<u32>(PLAN, 24);
  const magnitude = load<i32>(PLAN, 28);
  const count: usize = load<u32>(PLAN, 32);
  const filters: usize = load<u32>(PLAN, 36);
  const weights: usize = load<u32>(PLAN, 40);
  const how = load<i32>(PLAN, 44);
  const floor = v128.load64_splat(FLOOR);
  for (let i = 0; i < frames; i += 2) {
    const next = i + 1 < frames ? samples + hopBytes : samples;
    load2(samples, next, window, half, workA);
    let x = workA;
    let y = workB;
    for (let stage = stages; ; stage += 16) {
      const radix = load<i32>(stage);
      if (radix === 0) break;
      const m: usize = load<u32>(stage, 4);
      const s: usize = load<u32>(stage, 8);
      const w: usize = load<u32>(stage, 12);
      if (radix === 5) pass5(x, y, m, s, w);
      else if (radix === 8) pass8(x, y, s);
      else if (radix === 4) pass4(x, y, m, s, w);
      else if (radix === 3) pass3(x, y, m, s, w);
      else pass2(x, y, s);
      const last = x;
      x = y;
      y = last;
    }
    powers(x, half, roots, magnitude, values);
    let to = out;
    let w = weights;
    let filter = filters;
    for (let b: usize = 0; b < count; b++) {
      let sum = f64x2.splat(0);
      if (filters) {
        let value: usize = load<u32>(filter);
        for (const end: usize = load<u32>(filter, 4); value < end; value += 16) {
          sum = add(sum, mul(v128.load(value), v128.load64_splat(w)));
          w += 8;
        }
        filter += 8;
      } else {
        sum = v128.load(values + b * 16);
      }
      if (how) {
        sum = how === 1 ? f64x2.pmax(sum, floor) : add(sum, floor);
        sum = logarithm(sum);
      }
      const narrow = f32x4.demote_f64x2_zero(sum);
      if (i + 1 < frames) v128.store64_lane(to, narrow, 0);
      else v128.store32_lane(to, narrow, 0);
      to += rowBytes;
    }
    samples += 2 * hopBytes;
    out += 8;
  }
}
