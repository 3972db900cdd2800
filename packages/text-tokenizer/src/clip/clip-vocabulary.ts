import { PairTable } from '../bpe/pair-table.js';
import { byteCharacters } from '../bytes.js';
import type { Vocabulary } from '../vocabulary.js';
import { packedMerges } from './generated/merges.js';

export const startOfText = '<|startoftext|>';
export const endOfText = '<|endoftext|>';
export const endOfWord = '</w>';

/** 256 bytes, then 256 bytes at the end of a word. */
export const firstMergedId = 512;
/** How many merges CLIP reads of its file, which holds five times as many. */
export const mergeCount = 48_894;

/** The tokens of CLIP, or of another vocabulary of its kind. */
export interface ClipVocabulary {
  readonly vocabulary: Vocabulary;
  readonly pairs: PairTable;
  /** The ids of every merge, by rank. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly startId: number;
  readonly endId: number;
}

/** The tokens before any merge: the bytes whose character is their own, the other bytes, and all of them at the end of a word. */
export function byteTokens(): string[] {
  const isOwn = (character: string, byte: number) => character.charCodeAt(0) === byte;
  const bytes = [...byteCharacters.filter(isOwn), ...byteCharacters.filter((character, byte) => !isOwn(character, byte))];
  return [...bytes, ...bytes.map((character) => character + endOfWord)];
}

/** The 49,408 tokens of CLIP and their merges (Radford et al. 2021, bpe_simple_vocab_16e6). */
export function clipVocabulary(): ClipVocabulary {
  const { left, right } = unpackMerges();
  const pairs = new PairTable(mergeCount);
  for (let rank = 0; rank < mergeCount; rank++) pairs.set(left[rank]!, right[rank]!, rank, firstMergedId + rank);
  const startId = firstMergedId + mergeCount;
  return { vocabulary: new MergedTokens(left, right), pairs, left, right, startId, endId: startId + 1 };
}

/** Spells a token when it is asked for: encoding needs no more than the first 512. */
class MergedTokens implements Vocabulary {
  readonly size = firstMergedId + mergeCount + 2;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  readonly #tokens: (string | undefined)[];
  /** Without the merged tokens, until one of them is asked for. */
  #ids: Map<string, number>;

  constructor(left: Int32Array, right: Int32Array) {
    this.#left = left;
    this.#right = right;
    this.#tokens = byteTokens();
    this.#ids = new Map(this.#tokens.map((token, id) => [token!, id]));
    [startOfText, endOfText].forEach((token, i) => {
      const id = firstMergedId + mergeCount + i;
      this.#tokens[id] = token;
      this.#ids.set(token, id);
    });
  }

  id(token: string): number | undefined {
    const known = this.#ids.get(token);
    if (known === undefined && this.#ids.size < this.size) this.#ids = new Map(this.entries());
    return known ?? this.#ids.get(token);
  }

  token(id: number): string | undefined {
    const known = this.#tokens[id];
    if (known !== undefined) return known;
    const rank = id - firstMergedId;
    if (!(rank >= 0 && rank < mergeCount && Number.isInteger(rank))) return undefined;
    const token = this.token(this.#left[rank]!)! + this.token(this.#right[rank]!)!;
    this.#tokens[id] = token;
    return token;
  }

  *entries(): Generator<readonly [token: string, id: number]> {
    for (let id = 0; id < this.size; id++) yield [this.token(id)!, id];
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The two ids of every merge. */
function unpackMerges(): { readonly left: Int32Array; readonly right: Int32Array } {
  const digits = new Uint8Array(128);
  for (let i = 0; i < 64; i++) digits[alphabet.charCodeAt(i)] = i;
  // This runs once, before the engine has optimised it, and then an element of an array costs less than a character of a string.
  const planes = new TextEncoder().encode(packedMerges);
  const left = new Int32Array(mergeCount);
  const right = new Int32Array(mergeCount);
  const n = mergeCount;
  for (let i = 0; i < n; i++) {
    left[i] = (digits[planes[i]!]! << 12) | (digits[planes[n + i]!]! << 6) | digits[planes[2 * n + i]!]!;
    right[i] = (digits[planes[3 * n + i]!]! << 12) | (digits[planes[4 * n + i]!]! << 6) | digits[planes[5 * n + i]!]!;
  }
  return { left, right };
}
