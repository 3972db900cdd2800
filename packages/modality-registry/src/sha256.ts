/** SHA-256 of the parts, one after the other, as 64 hex digits (FIPS 180-4). Strings count as UTF-8, views as their bytes in memory. */
export function sha256(parts: Iterable<ArrayBufferView | string>): string {
  const state = primeRoots(8, 2);
  const constants = roundConstants();
  const block = new Uint8Array(64);
  const schedule = new Int32Array(64);
  let filled = 0;
  let total = 0;

  const absorb = (bytes: Uint8Array): void => {
    total += bytes.length;
    let at = 0;
    if (filled > 0) {
      at = Math.min(64 - filled, bytes.length);
      block.set(bytes.subarray(0, at), filled);
      filled += at;
      if (filled < 64) return;
      compress(state, constants, schedule, block, 0);
      filled = 0;
    }
    for (; at + 64 <= bytes.length; at += 64) compress(state, constants, schedule, bytes, at);
    block.set(bytes.subarray(at), 0);
    filled = bytes.length - at;
  };

  for (const part of parts) absorb(bytesOf(part));

  const bits = total * 8;
  const tail = new Uint8Array((filled < 56 ? 64 : 128) - filled);
  tail[0] = 0x80;
  const view = new DataView(tail.buffer);
  view.setUint32(tail.length - 8, Math.floor(bits / 2 ** 32));
  view.setUint32(tail.length - 4, bits >>> 0);
  absorb(tail);

  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function bytesOf(part: ArrayBufferView | string): Uint8Array {
  if (typeof part === 'string') return new TextEncoder().encode(part);
  return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
}

function compress(state: Int32Array, constants: Int32Array, schedule: Int32Array, bytes: Uint8Array, offset: number): void {
  for (let t = 0; t < 16; t++) {
    const at = offset + 4 * t;
    schedule[t] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let t = 16; t < 64; t++) {
    const w15 = schedule[t - 15]!;
    const w2 = schedule[t - 2]!;
    const small0 = ((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3);
    const small1 = ((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10);
    schedule[t] = (schedule[t - 16]! + small0 + schedule[t - 7]! + small1) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const big1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const choose = (e & f) ^ (~e & g);
    const first = (h + big1 + choose + constants[t]! + schedule[t]!) | 0;
    const big0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + big0 + majority) | 0;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
  state[5] = state[5]! + f;
  state[6] = state[6]! + g;
  state[7] = state[7]! + h;
}

let constantsMade: Int32Array | undefined;

function roundConstants(): Int32Array {
  constantsMade ??= primeRoots(64, 3);
  return constantsMade;
}

/**
 * The first 32 bits of the fractional parts of the roots of the first primes: square roots start the state, cube roots are the round
 * constants (FIPS 180-4, sections 4.2.2 and 5.3.3). In integers, since `Math.cbrt` may differ between engines.
 */
function primeRoots(count: number, degree: 2 | 3): Int32Array {
  const words = new Int32Array(count);
  for (let candidate = 2, found = 0; found < count; candidate++) {
    if (isPrime(candidate))
      words[found++] = Number(BigInt.asIntN(32, integerRoot(BigInt(candidate) << BigInt(32 * degree), BigInt(degree))));
  }
  return words;
}

/** The largest integer whose power is at most `value`. */
function integerRoot(value: bigint, degree: bigint): bigint {
  let low = 0n;
  let high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** degree <= value) low = middle;
    else high = middle;
  }
  return low;
}

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor++) if (value % divisor === 0) return false;
  return true;
}
