// AssemblyScript: the passes of a Fourier transform of two frames at once, one in each lane. As src/fft/passes.ts, operation by operation.

import { HALF, QUARTER, ROOT_HALF, ROOT5, SIN3, SIN5, SIN10 } from './places';

// inline
export function add(a: v128, b: v128): v128 {
  return f64x2.add(a, b);
}

// inline
export function sub(a: v128, b: v128): v128 {
  return f64x2.sub(a, b);
}

// inline
export function mul(a: v128, b: v128): v128 {
  return f64x2.mul(a, b);
}

/** Writes a complex number times its twiddle. */
// inline
export function put(o: usize, re: v128, im: v128, w: usize): void {
  const wr = v128.load64_splat(w);
  const wi = v128.load64_splat(w, 8);
  v128.store(o, sub(mul(re, wr), mul(im, wi)));
  v128.store(o, add(mul(re, wi), mul(im, wr)), 16);
}

// inline
export function store(o: usize, re: v128, im: v128): void {
  v128.store(o, re);
  v128.store(o, im, 16);
}

/** A last pass, which has no twiddles. */
export function pass2(x: usize, y: usize, s: usize): void {
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

export function pass3(x: usize, y: usize, m: usize, s: usize, w: usize): void {
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

export function pass4(x: usize, y: usize, m: usize, s: usize, w: usize): void {
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

export function pass5(x: usize, y: usize, m: usize, s: usize, w: usize): void {
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
export function pass8(x: usize, y: usize, s: usize): void {
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
