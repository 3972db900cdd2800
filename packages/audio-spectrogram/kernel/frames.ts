// AssemblyScript: windows, Fourier transforms, powers, filters and logarithms of two frames at once, one in each lane of 128-bit SIMD, in
// float64. scripts/generate-kernel.mjs compiles it.
//
// Every operation is that of src/fft and src/engine/engine-plain.ts, in the same order: the results are the same to the bit. A lane never
// sees its neighbour. Complex numbers take 32 bytes: both real parts, both imaginary parts.

/**
 * Addresses of constants, each a float64 or 64 bits of an integer, since a vector in the code takes 18 bytes; then of what a plan is.
 * src/kernel/plan.ts writes them.
 */
const ROOT_HALF: usize = 0;
const SIN5: usize = 8;
const SIN10: usize = 16;
const ROOT5: usize = 24;
const QUARTER: usize = 32;
const SIN3: usize = 40;
const HALF: usize = 48;
const ONE: usize = 56;
const INFINITY: usize = 64;
const MINUS_INFINITY: usize = 72;
const SMALLEST_NORMAL: usize = 80;
const TWO_TO_54: usize = 88;
const FROM_ROOT_HALF: usize = 96;
const TWO_TO_52: usize = 104;
const BIAS: usize = 112;
const BIAS_OF_SMALL: usize = 120;
const MANTISSA: usize = 128;
const ROOT_HALF_BITS: usize = 136;
const LOG_OF_2: usize = 144;
const SERIES: usize = 152;
const FLOOR: usize = 224;
const PLAN: usize = 232;

// inline
function add(a: v128, b: v128): v128 {
  return f64x2.add(a, b);
}

// inline
function sub(a: v128, b: v128): v128 {
  return f64x2.sub(a, b);
}

// inline
function mul(a: v128, b: v128): v128 {
  return f64x2.mul(a, b);
}

/** Writes a complex number times its twiddle. */
// inline
function put(o: usize, re: v128, im: v128, w: usize): void {
  const wr = v128.load64_splat(w);
  const wi = v128.load64_splat(w, 8);
  v128.store(o, sub(mul(re, wr), mul(im, wi)));
  v128.store(o, add(mul(re, wi), mul(im, wr)), 16);
}

// inline
function store(o: usize, re: v128, im: v128): void {
  v128.store(o, re);
  v128.store(o, im, 16);
}

/** A last pass, which has no twiddles. */
function pass2(x: usize, y: usize, s: usize): void {
  for (const end = x + s; x < end; x += 32) {
    const ar = v128.load(x);
    const ai = v128.load(x, 16);
    const br = v128.load(x + s);
    const bi = v128.load(x + s, 16);
    store(y, add(ar, br), add(ai, bi));
    store(y + s, sub(ar, br), sub(ai, bi));
    y += 32;
  }
}

function pass3(x: usize, y: usize, m: usize, s: usize, w: usize): void {
  const step = m * s;
  for (let p: usize = 0; p < m; p++) {
    for (const end = x + s; x < end; x += 32) {
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const b = x + step;
      const c = b + step;
      const br = v128.load(b);
      const bi = v128.load(b, 16);
      const cr = v128.load(c);
      const ci = v128.load(c, 16);
      const tr = add(br, cr);
      const ti = add(bi, ci);
      const dr = mul(v128.load64_splat(SIN3), sub(br, cr));
      const di = mul(v128.load64_splat(SIN3), sub(bi, ci));
      const mr = sub(ar, mul(v128.load64_splat(HALF), tr));
      const mi = sub(ai, mul(v128.load64_splat(HALF), ti));
      v128.store(y, add(ar, tr));
      v128.store(y, add(ai, ti), 16);
      put(y + s, add(mr, di), sub(mi, dr), w);
      put(y + 2 * s, sub(mr, di), add(mi, dr), w + 16);
      y += 32;
    }
    y += 2 * s;
    w += 32;
  }
}

function pass4(x: usize, y: usize, m: usize, s: usize, w: usize): void {
  const step = m * s;
  for (let p: usize = 0; p < m; p++) {
    for (const end = x + s; x < end; x += 32) {
      const b = x + step;
      const c = b + step;
      const d = c + step;
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const cr = v128.load(c);
      const ci = v128.load(c, 16);
      const t0r = add(ar, cr);
      const t0i = add(ai, ci);
      const t1r = sub(ar, cr);
      const t1i = sub(ai, ci);
      const br = v128.load(b);
      const bi = v128.load(b, 16);
      const dr = v128.load(d);
      const di = v128.load(d, 16);
      const t2r = add(br, dr);
      const t2i = add(bi, di);
      const t3r = sub(br, dr);
      const t3i = sub(bi, di);
      v128.store(y, add(t0r, t2r));
      v128.store(y, add(t0i, t2i), 16);
      put(y + s, add(t1r, t3i), sub(t1i, t3r), w);
      put(y + 2 * s, sub(t0r, t2r), sub(t0i, t2i), w + 16);
      put(y + 3 * s, sub(t1r, t3i), add(t1i, t3r), w + 32);
      y += 32;
    }
    y += 3 * s;
    w += 48;
  }
}

function pass5(x: usize, y: usize, m: usize, s: usize, w: usize): void {
  const step = m * s;
  for (let p: usize = 0; p < m; p++) {
    for (const end = x + s; x < end; x += 32) {
      const b = x + step;
      const c = b + step;
      const d = c + step;
      const e = d + step;
      const br = v128.load(b);
      const bi = v128.load(b, 16);
      const er = v128.load(e);
      const ei = v128.load(e, 16);
      const t1r = add(br, er);
      const t1i = add(bi, ei);
      const t3r = sub(br, er);
      const t3i = sub(bi, ei);
      const cr = v128.load(c);
      const ci = v128.load(c, 16);
      const dr = v128.load(d);
      const di = v128.load(d, 16);
      const t2r = add(cr, dr);
      const t2i = add(ci, di);
      const t4r = sub(cr, dr);
      const t4i = sub(ci, di);
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const sr = add(t1r, t2r);
      const si = add(t1i, t2i);
      v128.store(y, add(ar, sr));
      v128.store(y, add(ai, si), 16);
      const mr = sub(ar, mul(v128.load64_splat(QUARTER), sr));
      const mi = sub(ai, mul(v128.load64_splat(QUARTER), si));
      const qr = mul(v128.load64_splat(ROOT5), sub(t1r, t2r));
      const qi = mul(v128.load64_splat(ROOT5), sub(t1i, t2i));
      const m1r = add(mr, qr);
      const m1i = add(mi, qi);
      const m2r = sub(mr, qr);
      const m2i = sub(mi, qi);
      const sin5 = v128.load64_splat(SIN5);
      const sin10 = v128.load64_splat(SIN10);
      const n1r = add(mul(sin5, t3r), mul(sin10, t4r));
      const n1i = add(mul(sin5, t3i), mul(sin10, t4i));
      const n2r = sub(mul(sin10, t3r), mul(sin5, t4r));
      const n2i = sub(mul(sin10, t3i), mul(sin5, t4i));
      put(y + s, add(m1r, n1i), sub(m1i, n1r), w);
      put(y + 2 * s, add(m2r, n2i), sub(m2i, n2r), w + 16);
      put(y + 3 * s, sub(m2r, n2i), add(m2i, n2r), w + 32);
      put(y + 4 * s, sub(m1r, n1i), add(m1i, n1r), w + 48);
      y += 32;
    }
    y += 4 * s;
    w += 64;
  }
}

/** A last pass. */
function pass8(x: usize, y: usize, s: usize): void {
  const half = v128.load64_splat(ROOT_HALF);
  for (const end = x + s; x < end; x += 32) {
    const b = x + s;
    const c = b + s;
    const d = c + s;
    const e = d + s;
    const f = e + s;
    const g = f + s;
    const h = g + s;
    const br = v128.load(b);
    const bi = v128.load(b, 16);
    const fr = v128.load(f);
    const fi = v128.load(f, 16);
    const u0r = add(br, fr);
    const u0i = add(bi, fi);
    const u1r = sub(br, fr);
    const u1i = sub(bi, fi);
    const dr = v128.load(d);
    const di = v128.load(d, 16);
    const hr = v128.load(h);
    const hi = v128.load(h, 16);
    const u2r = add(dr, hr);
    const u2i = add(di, hi);
    const u3r = sub(dr, hr);
    const u3i = sub(di, hi);
    const o0r = add(u0r, u2r);
    const o0i = add(u0i, u2i);
    const o2r = sub(u0i, u2i);
    const o2i = sub(u2r, u0r);
    const v1r = add(u1r, u3i);
    const v1i = sub(u1i, u3r);
    const o1r = mul(half, add(v1r, v1i));
    const o1i = mul(half, sub(v1i, v1r));
    const v3r = sub(u1r, u3i);
    const v3i = add(u1i, u3r);
    const o3r = mul(half, sub(v3i, v3r));
    const o3i = mul(half, add(v3r, v3i));
    const ar = v128.load(x);
    const ai = v128.load(x, 16);
    const er = v128.load(e);
    const ei = v128.load(e, 16);
    const t0r = add(ar, er);
    const t0i = add(ai, ei);
    const t1r = sub(ar, er);
    const t1i = sub(ai, ei);
    const cr = v128.load(c);
    const ci = v128.load(c, 16);
    const gr = v128.load(g);
    const gi = v128.load(g, 16);
    const t2r = add(cr, gr);
    const t2i = add(ci, gi);
    const t3r = sub(cr, gr);
    const t3i = sub(ci, gi);
    const e0r = add(t0r, t2r);
    const e0i = add(t0i, t2i);
    v128.store(y, add(e0r, o0r));
    v128.store(y, add(e0i, o0i), 16);
    store(y + 4 * s, sub(e0r, o0r), sub(e0i, o0i));
    const e2r = sub(t0r, t2r);
    const e2i = sub(t0i, t2i);
    store(y + 2 * s, add(e2r, o2r), add(e2i, o2i));
    store(y + 6 * s, sub(e2r, o2r), sub(e2i, o2i));
    const e1r = add(t1r, t3i);
    const e1i = sub(t1i, t3r);
    store(y + s, add(e1r, o1r), add(e1i, o1i));
    store(y + 5 * s, sub(e1r, o1r), sub(e1i, o1i));
    const e3r = sub(t1r, t3i);
    const e3i = add(t1i, t3r);
    store(y + 3 * s, add(e3r, o3r), sub(e3i, o3i));
    store(y + 7 * s, sub(e3r, o3r), add(e3i, o3i));
    y += 32;
  }
}

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
