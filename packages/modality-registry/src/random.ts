/**
 * Seeded, counter-based random numbers (Philox4x32-10: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 * The same seed gives the same bits on every platform: nothing here uses `Math.log` or `Math.cos`, which differ between engines.
 */
export interface Random {
  /** A 32-bit unsigned integer. */
  uint32(): number;
  /** Uniform in [0, 1), with 53 random bits. */
  uniform(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** Standard normal. */
  normal(): number;
  /** Standard Gumbel: −log(−log(u)). */
  gumbel(): number;
  /** Shuffles in place (Fisher–Yates) and returns the same array. */
  shuffle<T>(items: T[]): T[];
  /** An independent stream named by `key`; the same key always gives the same stream. */
  fork(key: string | number): Random;
}

/** The high 32 bits of a·b, for unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const cross = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/** Ten rounds of Philox4x32 over `counter` [4] with `key` [2], into `out` [4]. */
export function philox(counter: Uint32Array, key: Uint32Array, out: Uint32Array): void {
  let [c0, c1, c2, c3] = [counter[0]!, counter[1]!, counter[2]!, counter[3]!];
  let [k0, k1] = [key[0]!, key[1]!];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

const float64 = new Float64Array(1);
const words = new Uint32Array(float64.buffer);

/** Natural logarithm of a positive finite number from the four exact operations only (atanh series), to about 1 ulp. */
export function portableLog(x: number): number {
  float64[0] = x;
  let exponent = (words[1]! >>> 20) - 1023;
  if (exponent === -1023) {
    float64[0] = x * 2 ** 54;
    exponent = (words[1]! >>> 20) - 1023 - 54;
  }
  words[1] = (words[1]! & 0xfffff) | 0x3ff00000;
  let mantissa = float64[0]!;
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  let series = 0;
  for (let k = 21; k >= 1; k -= 2) series = series * z + 1 / k;
  return exponent * Math.LN2 + 2 * s * series;
}

/** cos(2π·turn) for turn in [0, 1), from the four exact operations only. */
export function portableCosTurn(turn: number): number {
  // Fold into an eighth of a turn, where the Taylor series converge at once.
  const folded = turn > 0.5 ? 1 - turn : turn;
  const sign = folded > 0.25 ? -1 : 1;
  const quarter = folded > 0.25 ? 0.5 - folded : folded;
  const useSine = quarter > 0.125;
  const angle = 2 * Math.PI * (useSine ? 0.25 - quarter : quarter);
  const z = angle * angle;
  let series = 0;
  for (let k = 20; k >= 2; k -= 2) series = (z / (useSine ? k * (k + 1) : k * (k - 1))) * (1 - series);
  return sign * (useSine ? angle : 1) * (1 - series);
}

/** FNV-1a over UTF-16 code units: spreads stream names over keys. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

class PhiloxRandom implements Random {
  private readonly counter = new Uint32Array(4);
  private readonly block = new Uint32Array(4);
  private used = 4;

  constructor(private readonly key: Uint32Array) {}

  uint32(): number {
    if (this.used === 4) {
      philox(this.counter, this.key, this.block);
      this.used = 0;
      this.increment();
    }
    return this.block[this.used++]!;
  }

  private increment(): void {
    for (let i = 0; i < 4; i++) {
      this.counter[i]!++;
      if (this.counter[i] !== 0) return; // no carry
    }
  }

  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  integer(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  normal(): number {
    // Box–Muller; 1 − u is in (0, 1], so the logarithm is finite.
    return Math.sqrt(-2 * portableLog(1 - this.uniform())) * portableCosTurn(this.uniform());
  }

  gumbel(): number {
    return -portableLog(-portableLog(this.uniform() + 2 ** -54));
  }

  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }

  fork(key: string | number): Random {
    const name = typeof key === 'number' ? `#${key}` : key;
    const seed = new Uint32Array(4);
    // The child's key is a block of the parent's cipher at a counter that the parent itself never reaches.
    philox(Uint32Array.of(hash(name), hash(`${name}/`), 0xffffffff, 0xffffffff), this.key, seed);
    return new PhiloxRandom(seed.slice(0, 2));
  }
}

/** A generator from an integer seed. */
export function createRandom(seed: number): Random {
  return new PhiloxRandom(Uint32Array.of(seed >>> 0, Math.floor(seed / 0x100000000) >>> 0));
}
