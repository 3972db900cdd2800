// Test runners put a slow global object behind every `Math.imul` in an inner loop.
const { imul } = Math;

/** Hashes are polynomials in this (modulo 2^32), so that the hash of two tokens together follows from theirs. Odd, so that no unit is lost. */
export const hashBase = 0x01000193;

/** The hash of `text.slice(start, end)`; where all units are ASCII also that of the bytes. */
export function hashUnits(text: string, start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) hash = (imul(hash, hashBase) + text.charCodeAt(i)) | 0;
  return hash;
}

/** The hash of `bytes[start..end)`. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) hash = (imul(hash, hashBase) + bytes[i]!) | 0;
  return hash;
}

/** Spreads a hash over the low bits, which choose a slot. */
export function mixHash(hash: number): number {
  const mixed = imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
