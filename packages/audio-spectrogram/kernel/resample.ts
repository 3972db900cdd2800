// AssemblyScript: the sums of a resampling with 128-bit SIMD. scripts/generate-kernel.mjs compiles it.
//
// A vector takes four neighbouring taps of one output, so that no output depends on which others are computed with it; eight periods of the
// signal go together, so that their weights are loaded once. The four partial sums are joined as (s0 + s2) + (s1 + s3), as in TypeScript.

/** One vector of taps of each of eight outputs. */
const WIDE: i32 = 8;

/** The joined sums of four outputs. */
function joined(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

function step(sum: v128, weights: v128, x: usize): v128 {
  return f32x4.add(sum, f32x4.mul(weights, v128.load(x)));
}

/**
 * Outputs `phase` … `lastPhase - 1` of each of `blocks` periods. `starts` holds for each phase the byte offset of its first sample in
 * its period, `weights` its `tapBytes` of weights. The samples of a period begin `inBytes` after those of the one before, its outputs `outBytes`.
 */
export function filter(
  starts: usize,
  weights: usize,
  tapBytes: usize,
  phase: i32,
  lastPhase: i32,
  blocks: i32,
  input: usize,
  inBytes: usize,
  out: usize,
  outBytes: usize,
): void {
  const firstStart = starts + ((<usize>phase) << 2);
  const firstRow = weights + <usize>phase * tapBytes;
  const lastRow = weights + <usize>lastPhase * tapBytes;
  let block = 0;
  for (; block + WIDE <= blocks; block += WIDE) {
    let start = firstStart;
    let to = out;
    for (let row = firstRow; row < lastRow; start += 4, to += 4) {
      let x0 = input + load<u32>(start);
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      let s4 = s0;
      let s5 = s0;
      let s6 = s0;
      let s7 = s0;
      const end = row + tapBytes;
      for (; row < end; row += 16, x0 += 16) {
        const w = v128.load(row);
        let x = x0;
        s0 = step(s0, w, x);
        x += inBytes;
        s1 = step(s1, w, x);
        x += inBytes;
        s2 = step(s2, w, x);
        x += inBytes;
        s3 = step(s3, w, x);
        x += inBytes;
        s4 = step(s4, w, x);
        x += inBytes;
        s5 = step(s5, w, x);
        x += inBytes;
        s6 = step(s6, w, x);
        x += inBytes;
        s7 = step(s7, w, x);
      }
      const first = joined(s0, s1, s2, s3);
      const last = joined(s4, s5, s6, s7);
      let at = to;
      v128.store32_lane(at, first, 0);
      at += outBytes;
      v128.store32_lane(at, first, 1);
      at += outBytes;
      v128.store32_lane(at, first, 2);
      at += outBytes;
      v128.store32_lane(at, first, 3);
      at += outBytes;
      v128.store32_lane(at, last, 0);
      at += outBytes;
      v128.store32_lane(at, last, 1);
      at += outBytes;
      v128.store32_lane(at, last, 2);
      at += outBytes;
      v128.store32_lane(at, last, 3);
    }
    input += WIDE * inBytes;
    out += WIDE * outBytes;
  }
  for (; block < blocks; block++) {
    let start = firstStart;
    let to = out;
    for (let row = firstRow; row < lastRow; start += 4, to += 4) {
      let x = input + load<u32>(start);
      let sum = f32x4.splat(0);
      const end = row + tapBytes;
      for (; row < end; row += 16, x += 16) sum = step(sum, v128.load(row), x);
      v128.store32_lane(to, joined(sum, sum, sum, sum), 0);
    }
    input += inBytes;
    out += outBytes;
  }
}

/** Whether one of `count` samples, a multiple of 4, is beyond ±`limit` or not a number. */
export function beyond(samples: usize, count: usize, limit: f32): bool {
  const bound = f32x4.splat(limit);
  let within = i32x4.splat(-1);
  for (const end = samples + (count << 2); samples < end; samples += 16) {
    within = v128.and(within, f32x4.le(f32x4.abs(v128.load(samples)), bound));
  }
  return !i32x4.all_true(within);
}
