import { PairTable } from '../bpe/pair-table.js';
import { byteCharacters } from '../bytes.js';
import { mapVocabulary, type Vocabulary } from '../vocabulary.js';
import { packedMerges } from './generated/merges.js';

export const startOfText = '<|startoftext|>';
export const endOfText = '<|endoftext|>';
export const endOfWord = '</w>';

/** 256 bytes, then 256 bytes at the end of a word. */
const firstMergedId = 512;

/** The 49,408 tokens of CLIP and their merges (Radford et al. 2021, bpe_simple_vocab_16e6). */
export function clipVocabulary(): { readonly vocabulary: Vocabulary; readonly pairs: PairTable } {
  // The printable bytes come first: those whose character is their own.
  const printable = byteCharacters.filter((character, byte) => character.charCodeAt(0) === byte);
  const others = byteCharacters.filter((character, byte) => character.charCodeAt(0) !== byte);
  const tokens = [...printable, ...others];
  tokens.push(...tokens.map((character) => character + endOfWord));
  const [left, right] = unpackMerges();
  const pairs = new PairTable(left.length);
  for (let rank = 0; rank < left.length; rank++) {
    pairs.set(left[rank]!, right[rank]!, rank, firstMergedId + rank);
    tokens.push(tokens[left[rank]!]! + tokens[right[rank]!]!);
  }
  tokens.push(startOfText, endOfText);
  return { vocabulary: mapVocabulary(new Map(tokens.map((token, id) => [token, id]))), pairs };
}

function unpackMerges(): [left: Int32Array, right: Int32Array] {
  const digits = new Uint8Array(128);
  for (let i = 0; i < 64; i++) digits['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charCodeAt(i)] = i;
  const count = packedMerges.length / 6;
  const digit = (plane: number, i: number) => digits[packedMerges.charCodeAt(plane * count + i)]!;
  const ids = (plane: number) =>
    Int32Array.from({ length: count }, (_, i) => (digit(plane, i) << 12) | (digit(plane + 1, i) << 6) | digit(plane + 2, i));
  return [ids(0), ids(3)];
}
