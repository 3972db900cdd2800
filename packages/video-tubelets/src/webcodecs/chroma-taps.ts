/** The taps of a one-dimensional interpolation: `size` integer weights for each output, which sum to `one`, and where the first stands. */
export interface Taps {
  readonly size: number;
  readonly start: Int32Array;
  readonly weights: Int32Array;
}

/** Places are in 1 / 2^17 of a sample, distances and their powers in 1 / 2^30, weights in 1 / 2^54: swscale's fixed point, which the result shows. */
const PLACE = 1n << 17n;
const DISTANCE = 30n;
const WEIGHT = 1n << 54n;

/** Weights on one side that together stay below this are left out. */
const NEGLIGIBLE = (WEIGHT * 2n) / 1000n;

/** Reach on both sides, one more than the bicubic's four taps. */
const REACH = 5;

/**
 * Bicubic taps (a = -0.6) that stretch `from` samples to `to`, both centred, as libswscale's `initFilter` lays them out: weights at the borders
 * fall to the outermost sample, and what rounding takes from one tap goes to the next.
 */
export function chromaTaps(from: number, to: number, one: number): Taps {
  if (from === to) {
    return { size: 1, start: Int32Array.from({ length: to }, (_, i) => i), weights: new Int32Array(to).fill(one) };
  }
  const rows = reduce(placed(from, to));
  const size = Math.min(Math.max(...rows.map(({ weights }) => used(weights))), from);
  const start = new Int32Array(to);
  const weights = new Int32Array(to * size);
  for (const [i, row] of rows.entries()) {
    const { first, taps } = inside(row, size, from);
    start[i] = first;
    weights.set(rounded(taps, BigInt(one)), i * size);
  }
  return { size, start, weights };
}

interface Row {
  readonly first: number;
  readonly weights: readonly bigint[];
}

function placed(from: number, to: number): Row[] {
  const step = Math.floor((from * 65536 + (to >> 1)) / to);
  const reach = Math.max(1, Math.min(REACH, from - 2));
  return Array.from({ length: to }, (_, i) => {
    const place = step - 65536 + 2 * step * i;
    const first = Math.trunc((place - (reach - 2) * 65536) / 131072);
    const weights = Array.from({ length: reach }, (_, j) => bicubic(BigInt(first + j) * PLACE - BigInt(place)));
    return { first, weights };
  });
}

/** Keys' cubic kernel with a = -0.6 at a distance in 1 / 2^17. */
function bicubic(place: bigint): bigint {
  const x = (place < 0n ? -place : place) << 13n;
  const x2 = (x * x) >> DISTANCE;
  const x3 = (x2 * x) >> DISTANCE;
  const unit = 1n << 24n;
  // 0.6 in 1 / 2^24.
  const c = 10_066_329n;
  if (x < 1n << DISTANCE) return (12n * unit - 6n * c) * x3 + (6n * c - 18n * unit) * x2 + ((6n * unit) << DISTANCE);
  if (x < 1n << (DISTANCE + 1n)) return -6n * c * x3 + 30n * c * x2 - 48n * c * x + ((24n * c) << DISTANCE);
  return 0n;
}

/** Each row without the negligible weights at its left, as far as the rows then still begin in order; zeros follow at the right. */
function reduce(rows: readonly Row[]): Row[] {
  const reduced = [...rows];
  // From the last to the first: each looks at where the next begins.
  for (let i = reduced.length - 1; i >= 0; i--) {
    let { first, weights } = reduced[i]!;
    let left = 0n;
    for (let k = 0; k < weights.length; k++) {
      left += absolute(weights[0]!);
      if (left > NEGLIGIBLE) break;
      if (i < reduced.length - 1 && first >= reduced[i + 1]!.first) break;
      weights = [...weights.slice(1), 0n];
      first++;
    }
    reduced[i] = { first, weights };
  }
  return reduced;
}

/** How many weights are left without the negligible ones at the right. */
function used(weights: readonly bigint[]): number {
  let right = 0n;
  let count = weights.length;
  for (; count > 1; count--) {
    right += absolute(weights[count - 1]!);
    if (right > NEGLIGIBLE) break;
  }
  return count;
}

/** The first `size` weights of a row, those beyond a border added to the outermost sample. */
function inside({ first, weights }: Row, size: number, from: number) {
  const at = Math.min(Math.max(first, 0), from - size);
  const taps = Array.from({ length: size }, () => 0n);
  for (let j = 0; j < size; j++) {
    const sample = Math.min(Math.max(first + j, 0), from - 1);
    const tap = Math.min(Math.max(sample - at, 0), size - 1);
    taps[tap] = taps[tap]! + (weights[j] ?? 0n);
  }
  return { first: at, taps };
}

function rounded(taps: readonly bigint[], one: bigint): number[] {
  const sum = (taps.reduce((a, b) => a + b, 0n) + one / 2n) / one;
  let left = 0n;
  return taps.map((tap) => {
    const value = tap + left;
    const whole = (value + (value < 0n ? -(sum / 2n) : sum / 2n)) / sum;
    left = value - whole * sum;
    return Number(whole);
  });
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
