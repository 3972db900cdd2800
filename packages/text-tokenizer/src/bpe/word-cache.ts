import type { IdBuffer } from '../id-buffer.js';

// Test runners put a slow global object behind every `Math.imul` in an inner loop.
const { imul } = Math;

/** A slot holds the hash, where the units start, lengths (units << 16 | ids), and where the ids start, or the one id itself. */
const stride = 4;
/** Both arenas and the table stop growing here (3 MiB in all), and then everything is forgotten: a hostile text must not fill memory. */
const maximumSlots = 2 ** 16;
const maximumUnits = 2 ** 19;
const maximumIds = 2 ** 18;

/** Words of at most this many units are worth keeping. */
export const cacheableLength = 64;

/** A hash of `text.slice(start, end)`, never 0. Where all units are ASCII it is also the hash of the bytes. */
export function hashUnits(text: string, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = imul(hash, 0x01000193) ^ text.charCodeAt(i);
  hash = imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) | 1;
}

/**
 * The ids of words seen before. Keys are ranges of UTF-16 units, hashed and compared in place: a Map keyed by strings would have the engine
 * slice, hash and compare every word of a text.
 */
export class WordCache {
  #slots = new Int32Array(2 ** 10 * stride);
  #mask = 2 ** 10 - 1;
  #units = new Uint16Array(2 ** 12);
  #ids = new Int32Array(2 ** 11);
  #count = 0;
  #unitCount = 0;
  #idCount = 0;

  /** Appends the ids of the word to `out`; false when it is not known. */
  emit(hash: number, text: string, start: number, end: number, out: IdBuffer): boolean {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = slot * stride;
      const found = slots[at]!;
      if (found === 0) return false;
      if (found !== hash) continue;
      const lengths = slots[at + 2]!;
      if (lengths >>> 16 !== end - start || !this.#equal(slots[at + 1]!, text, start, end)) continue;
      const count = lengths & 0xffff;
      const first = slots[at + 3]!;
      if (count === 1) out.push(first);
      else out.pushRange(this.#ids, first, first + count);
      return true;
    }
  }

  /** Remembers the ids of a word that is not known yet, of at most `cacheableLength` units. */
  add(hash: number, text: string, start: number, end: number, ids: Int32Array, count: number): void {
    this.#makeRoom(end - start, count);
    const slots = this.#slots;
    const at = freeSlot(slots, this.#mask, hash);
    slots[at] = hash;
    slots[at + 1] = this.#unitCount;
    slots[at + 2] = ((end - start) << 16) | count;
    slots[at + 3] = count === 1 ? ids[0]! : this.#idCount;
    for (let i = start; i < end; i++) this.#units[this.#unitCount++] = text.charCodeAt(i);
    if (count !== 1) for (let i = 0; i < count; i++) this.#ids[this.#idCount++] = ids[i]!;
    this.#count++;
  }

  #equal(at: number, text: string, start: number, end: number): boolean {
    const units = this.#units;
    for (let i = start; i < end; i++) if (units[at++] !== text.charCodeAt(i)) return false;
    return true;
  }

  #makeRoom(units: number, ids: number): void {
    const full =
      (this.#count * 2 > this.#mask && this.#mask + 1 === maximumSlots) ||
      this.#unitCount + units > maximumUnits ||
      this.#idCount + ids > maximumIds;
    if (full) this.#clear();
    if (this.#count * 2 > this.#mask) this.#rehash();
    if (this.#unitCount + units > this.#units.length) {
      const larger = new Uint16Array(this.#units.length * 2);
      larger.set(this.#units);
      this.#units = larger;
    }
    if (this.#idCount + ids > this.#ids.length) {
      const larger = new Int32Array(this.#ids.length * 2);
      larger.set(this.#ids);
      this.#ids = larger;
    }
  }

  #clear(): void {
    this.#slots.fill(0);
    this.#count = 0;
    this.#unitCount = 0;
    this.#idCount = 0;
  }

  #rehash(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let from = 0; from < old.length; from += stride) {
      const hash = old[from]!;
      if (hash !== 0) slots.set(old.subarray(from, from + stride), freeSlot(slots, this.#mask, hash));
    }
    this.#slots = slots;
  }
}

function freeSlot(slots: Int32Array, mask: number, hash: number): number {
  let slot = hash & mask;
  while (slots[slot * stride] !== 0) slot = (slot + 1) & mask;
  return slot * stride;
}
