/**
 * One pass of Stockham's FFT of any radix r (decimation in frequency, no bit reversal). Of n · s complex numbers (re, im in turn) in `x`,
 * with n = r · m, each pass does for p < m and q < s
 *
 *     y[q + s(rp + k)] = w^(kp) · Σ_j x[q + s(p + jm)] · exp(-2πi jk / r),   w = exp(-2πi / n)
 *
 * and the next pass has n / r and s · r. `twiddles` holds for each p, from `at` on, w^p … w^((r-1)p). The kernel does the same operations in
 * the same order, so that both give the same bits.
 */
export type Pass = (x: Float64Array, y: Float64Array, m: number, s: number, twiddles: Float64Array, at: number) => void;

/** sin(2π/3), sin(2π/5), sin(2π/10), (cos(2π/5) - cos(4π/5)) / 2 and cos(2π/8). */
export const SIN3 = 0.8660254037844386;
export const SIN5 = 0.9510565162951535;
export const SIN10 = 0.5877852522924731;
export const ROOT5 = 0.5590169943749475;
export const ROOT_HALF = Math.SQRT1_2;

/** The passes by radix. */
export const passes: Readonly<Record<number, Pass>> = { 2: pass2, 3: pass3, 4: pass4, 5: pass5, 8: pass8 };

/** A last pass: its twiddles are all 1. */
function pass2(x: Float64Array, y: Float64Array, _: number, s: number): void {
  const out = 2 * s;
  for (let i = 0; i < out; i += 2) {
    store(y, i, x[i]! + x[i + out]!, x[i + 1]! + x[i + out + 1]!);
    store(y, i + out, x[i]! - x[i + out]!, x[i + 1]! - x[i + out + 1]!);
  }
}

function pass3(x: Float64Array, y: Float64Array, m: number, s: number, twiddles: Float64Array, at: number): void {
  const step = 2 * s * m;
  const out = 2 * s;
  for (let p = 0, i = 0, o = 0, t = at; p < m; p++, o += 2 * out, t += 4) {
    for (const end = i + out; i < end; i += 2, o += 2) {
      const ar = x[i]!;
      const ai = x[i + 1]!;
      const j = i + step;
      const k = j + step;
      const tr = x[j]! + x[k]!;
      const ti = x[j + 1]! + x[k + 1]!;
      const dr = SIN3 * (x[j]! - x[k]!);
      const di = SIN3 * (x[j + 1]! - x[k + 1]!);
      const mr = ar - 0.5 * tr;
      const mi = ai - 0.5 * ti;
      y[o] = ar + tr;
      y[o + 1] = ai + ti;
      put(y, o + out, mr + di, mi - dr, twiddles[t]!, twiddles[t + 1]!);
      put(y, o + 2 * out, mr - di, mi + dr, twiddles[t + 2]!, twiddles[t + 3]!);
    }
  }
}

function pass4(x: Float64Array, y: Float64Array, m: number, s: number, twiddles: Float64Array, at: number): void {
  const step = 2 * s * m;
  const out = 2 * s;
  for (let p = 0, i = 0, o = 0, t = at; p < m; p++, o += 3 * out, t += 6) {
    for (const end = i + out; i < end; i += 2, o += 2) {
      const b = i + step;
      const c = b + step;
      const d = c + step;
      const t0r = x[i]! + x[c]!;
      const t0i = x[i + 1]! + x[c + 1]!;
      const t1r = x[i]! - x[c]!;
      const t1i = x[i + 1]! - x[c + 1]!;
      const t2r = x[b]! + x[d]!;
      const t2i = x[b + 1]! + x[d + 1]!;
      const t3r = x[b]! - x[d]!;
      const t3i = x[b + 1]! - x[d + 1]!;
      y[o] = t0r + t2r;
      y[o + 1] = t0i + t2i;
      put(y, o + out, t1r + t3i, t1i - t3r, twiddles[t]!, twiddles[t + 1]!);
      put(y, o + 2 * out, t0r - t2r, t0i - t2i, twiddles[t + 2]!, twiddles[t + 3]!);
      put(y, o + 3 * out, t1r - t3i, t1i + t3r, twiddles[t + 4]!, twiddles[t + 5]!);
    }
  }
}

function pass5(x: Float64Array, y: Float64Array, m: number, s: number, twiddles: Float64Array, at: number): void {
  const step = 2 * s * m;
  const out = 2 * s;
  for (let p = 0, i = 0, o = 0, t = at; p < m; p++, o += 4 * out, t += 8) {
    for (const end = i + out; i < end; i += 2, o += 2) {
      const b = i + step;
      const c = b + step;
      const d = c + step;
      const e = d + step;
      const ar = x[i]!;
      const ai = x[i + 1]!;
      const t1r = x[b]! + x[e]!;
      const t1i = x[b + 1]! + x[e + 1]!;
      const t2r = x[c]! + x[d]!;
      const t2i = x[c + 1]! + x[d + 1]!;
      const t3r = x[b]! - x[e]!;
      const t3i = x[b + 1]! - x[e + 1]!;
      const t4r = x[c]! - x[d]!;
      const t4i = x[c + 1]! - x[d + 1]!;
      const sr = t1r + t2r;
      const si = t1i + t2i;
      const dr = ROOT5 * (t1r - t2r);
      const di = ROOT5 * (t1i - t2i);
      const mr = ar - 0.25 * sr;
      const mi = ai - 0.25 * si;
      const m1r = mr + dr;
      const m1i = mi + di;
      const m2r = mr - dr;
      const m2i = mi - di;
      const n1r = SIN5 * t3r + SIN10 * t4r;
      const n1i = SIN5 * t3i + SIN10 * t4i;
      const n2r = SIN10 * t3r - SIN5 * t4r;
      const n2i = SIN10 * t3i - SIN5 * t4i;
      y[o] = ar + sr;
      y[o + 1] = ai + si;
      put(y, o + out, m1r + n1i, m1i - n1r, twiddles[t]!, twiddles[t + 1]!);
      put(y, o + 2 * out, m2r + n2i, m2i - n2r, twiddles[t + 2]!, twiddles[t + 3]!);
      put(y, o + 3 * out, m2r - n2i, m2i + n2r, twiddles[t + 4]!, twiddles[t + 5]!);
      put(y, o + 4 * out, m1r - n1i, m1i + n1r, twiddles[t + 6]!, twiddles[t + 7]!);
    }
  }
}

/** A last pass: its twiddles are all 1. */
function pass8(x: Float64Array, y: Float64Array, _: number, s: number): void {
  const out = 2 * s;
  for (let i = 0; i < out; i += 2) {
    const b = i + out;
    const c = b + out;
    const d = c + out;
    const e = d + out;
    const f = e + out;
    const g = f + out;
    const h = g + out;
    const t0r = x[i]! + x[e]!;
    const t0i = x[i + 1]! + x[e + 1]!;
    const t1r = x[i]! - x[e]!;
    const t1i = x[i + 1]! - x[e + 1]!;
    const t2r = x[c]! + x[g]!;
    const t2i = x[c + 1]! + x[g + 1]!;
    const t3r = x[c]! - x[g]!;
    const t3i = x[c + 1]! - x[g + 1]!;
    const u0r = x[b]! + x[f]!;
    const u0i = x[b + 1]! + x[f + 1]!;
    const u1r = x[b]! - x[f]!;
    const u1i = x[b + 1]! - x[f + 1]!;
    const u2r = x[d]! + x[h]!;
    const u2i = x[d + 1]! + x[h + 1]!;
    const u3r = x[d]! - x[h]!;
    const u3i = x[d + 1]! - x[h + 1]!;
    // Of the even ones: e0 … e3; of the odd ones, times w^k: o0 … o3.
    const e0r = t0r + t2r;
    const e0i = t0i + t2i;
    const e1r = t1r + t3i;
    const e1i = t1i - t3r;
    const e2r = t0r - t2r;
    const e2i = t0i - t2i;
    const e3r = t1r - t3i;
    const e3i = t1i + t3r;
    const o0r = u0r + u2r;
    const o0i = u0i + u2i;
    const v1r = u1r + u3i;
    const v1i = u1i - u3r;
    const o1r = ROOT_HALF * (v1r + v1i);
    const o1i = ROOT_HALF * (v1i - v1r);
    const o2r = u0i - u2i;
    const o2i = u2r - u0r;
    const v3r = u1r - u3i;
    const v3i = u1i + u3r;
    const o3r = ROOT_HALF * (v3i - v3r);
    const o3i = ROOT_HALF * (v3r + v3i);
    store(y, i, e0r + o0r, e0i + o0i);
    store(y, i + out, e1r + o1r, e1i + o1i);
    store(y, i + 2 * out, e2r + o2r, e2i + o2i);
    store(y, i + 3 * out, e3r + o3r, e3i - o3i);
    store(y, i + 4 * out, e0r - o0r, e0i - o0i);
    store(y, i + 5 * out, e1r - o1r, e1i - o1i);
    store(y, i + 6 * out, e2r - o2r, e2i - o2i);
    store(y, i + 7 * out, e3r - o3r, e3i + o3i);
  }
}

/** Writes a complex number times its twiddle. */
function put(y: Float64Array, o: number, re: number, im: number, wr: number, wi: number): void {
  y[o] = re * wr - im * wi;
  y[o + 1] = re * wi + im * wr;
}

function store(y: Float64Array, o: number, re: number, im: number): void {
  y[o] = re;
  y[o + 1] = im;
}
