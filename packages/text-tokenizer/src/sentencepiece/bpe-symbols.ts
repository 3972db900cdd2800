import { PairTable } from '../bpe/pair-table.js';
import { characterLength, characterStart } from '../characters.js';
import { PieceTrie } from '../unigram/piece-trie.js';
import { type ModelFile, pieceTypes } from './model-file.js';
import { isOrdinary, type PieceTable } from './piece-table.js';

/** Two symbols that make a piece, and the place of that piece by score. */
interface Merge {
  readonly left: number;
  readonly right: number;
  readonly rank: number;
}

/**
 * The symbols that merging works on: the pieces by their ids, and after them the characters that are no pieces but parts of some. These
 * files list no merges: two symbols merge when what they spell together is a piece, and that of the highest score first.
 */
export class BpeSymbols {
  /** Which symbols merge: a piece's rank is its place by score. */
  readonly pairs: PairTable;
  /** Where pieces share a score, the place of each rank's score among the scores. */
  readonly tiers: Int32Array | undefined;
  /** What stands for characters that no piece has. */
  readonly none: number;
  /** Symbols by the spelling of one character. */
  readonly #characters = new Map<string, number>();
  readonly #spellings: string[];
  /** The pieces that merging makes, best first. */
  readonly #order: readonly number[];

  constructor(file: ModelFile, table: PieceTable, damaged: (message: string) => Error) {
    this.#spellings = file.pieces.map(({ text }) => text);
    const mergeable = file.pieces.flatMap(({ type }, id) => (isOrdinary(type) && type !== pieceTypes.userDefined ? [id] : []));
    for (const id of mergeable) {
      const text = this.#spellings[id]!;
      if (isCharacter(text)) this.#characters.set(text, id);
    }
    for (const id of mergeable) {
      const text = this.#spellings[id]!;
      this.#addCharacter(text.slice(0, characterLength(text)), table);
      this.#addCharacter(text.slice(characterStart(text, text.length)), table);
    }
    // A character that only a control piece spells becomes that piece.
    file.pieces.forEach(({ text, type }) => {
      if (!isOrdinary(type) && isCharacter(text)) this.#addCharacter(text, table);
    });
    this.none = this.#spellings.length;
    const order = mergeable
      .filter((id) => !isCharacter(this.#spellings[id]!))
      .sort((a, b) => file.pieces[b]!.score - file.pieces[a]!.score);
    this.tiers = tiersOf(order.map((id) => file.pieces[id]!.score));
    this.#order = order;
    const merges = this.merges();
    // As many ranks as pieces, and often more pairs.
    this.pairs = new PairTable(Math.max(order.length, merges.length));
    for (const { left, right, rank } of merges) {
      if (!this.pairs.set(left, right, rank, order[rank]!)) throw damaged('its pieces were made to be slow to look up');
    }
  }

  character(text: string): number {
    return this.#characters.get(text) ?? this.none;
  }

  /** Undefined for {@link none}. */
  spelling(symbol: number): string | undefined {
    return this.#spellings[symbol];
  }

  #addCharacter(text: string, table: PieceTable): void {
    if (this.#characters.has(text)) return;
    // A user-defined character is never part of anything else.
    const id = table.ordinaryId(text);
    if (id !== undefined) return;
    this.#characters.set(text, this.#spellings.length);
    this.#spellings.push(text);
  }

  /**
   * The ways to make each piece of two symbols, best first, of one piece that with the longest beginning first. Beginnings and endings are
   * looked up in two tries, in time linear in the piece's length.
   */
  merges(): Merge[] {
    const forward = new PieceTrie();
    const backward = new PieceTrie();
    for (const symbol of [...this.#order, ...this.#characters.values()]) {
      forward.add(this.#spellings[symbol]!, symbol);
      backward.add(reversed(this.#spellings[symbol]!), symbol);
    }
    const merges: Merge[] = [];
    this.#order.forEach((id, rank) => {
      const text = this.#spellings[id]!;
      const beginnings = walk(forward, text);
      const endings = walk(backward, reversed(text));
      for (let length = text.length - 1; length > 0; length--) {
        const left = beginnings[length]!;
        const right = endings[text.length - length]!;
        if (left >= 0 && right >= 0) merges.push({ left, right, rank });
      }
    });
    return merges;
  }
}

/** `scores` fall. */
function tiersOf(scores: readonly number[]): Int32Array | undefined {
  let tier = 0;
  const tiers = Int32Array.from(scores, (score, i) => {
    if (i > 0 && score !== scores[i - 1]) tier++;
    return tier;
  });
  return tier < scores.length - 1 ? tiers : undefined;
}

/** The symbol that each beginning of a text spells, by its length; -1 where there is none. */
function walk(trie: PieceTrie, text: string): Int32Array {
  const symbols = new Int32Array(text.length + 1).fill(-1);
  trie.match(text, 0, (end, symbol) => {
    symbols[end] = symbol;
  });
  return symbols;
}

/** Unit by unit: only ever compared with others like it. */
function reversed(text: string): string {
  let out = '';
  for (let i = text.length - 1; i >= 0; i--) out += text[i];
  return out;
}

function isCharacter(text: string): boolean {
  return characterLength(text) === text.length;
}
