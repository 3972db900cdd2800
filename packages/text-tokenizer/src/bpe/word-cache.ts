import type { IdBuffer } from '../id-buffer.js';
import { mixHash } from './hash.js';

export { hashUnits } from './hash.js';

/** A slot holds the hash (spread, never 0), where the units start, lengths (units << 16 | ids), and where the ids start, or the one id itself. */
const stride = 4;
/** Both arenas and the table stop growing here (3 MiB in all), and then everything is forgotten: a hostile text must not fill memory. */
const maximumSlots = 2 ** 16;
const maximumUnits = 2 ** 19;
const maximumIds = 2 ** 18;

/** Words of at most this many units are worth keeping. */
export const cacheableLength = 64;

/** How far from its place a word is looked for: what lies further is forgotten, so that words which collide on purpose cost no time. */
const maximumProbes = 16;

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
    const key = mixHash(hash) | 1;
    for (let probe = 0; probe < maximumProbes; probe++) {
      const at = ((key + probe) & mask) * stride;
      const found = slots[at]!;
      if (found === 0) return false;
      if (found !== key) continue;
      const lengths = slots[at + 2]!;
      if (lengths >>> 16 !== end - start || !this.#equal(slots[at + 1]!, text, start, end)) continue;
      const count = lengths & 0xffff;
      const first = slots[at + 3]!;
      if (count === 1) out.push(first);
      else out.pushRange(this.#ids, first, first + count);
      return true;
    }
    return false;
  }

  /** Remembers the ids of a word that is not known yet, of at most `cacheableLength` units. */
  add(hash: number, text: string, start: number, end: number, ids: Int32Array, count: number): void {
    this.#makeRoom(end - start, count);
    const slots = this.#slots;
    const key = mixHash(hash) | 1;
    const at = freeSlot(slots, this.#mask, key);
    slots[at] = key;
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
      const key = old[from]!;
      if (key === 0) continue;
      const at = freeSlot(slots, this.#mask, key);
      for (let i = 0; i < stride; i++) slots[at + i] = old[from + i]!;
    }
    this.#slots = slots;
  }
}

/** An empty slot near a key's place, or its place itself, whose word is then forgotten. */
function freeSlot(slots: Int32Array, mask: number, key: number): number {
  for (let probe = 0; probe < maximumProbes; probe++) {
    const at = ((key + probe) & mask) * stride;
    if (slots[at] === 0) return at;
  }
  return (key & mask) * stride;
}
