import { CharacterCuts } from '../bpe/character-bpe-cuts.js';
import { hashUnits } from '../bpe/hash.js';
import { mergeSymbols } from '../bpe/merge.js';
import { cacheableLength, WordCache } from '../bpe/word-cache.js';
import { IdBuffer } from '../id-buffer.js';
import type { Model } from '../model.js';
import type { ByteTokens } from '../unigram/byte-tokens.js';
import { BpeSymbols } from './bpe-symbols.js';
import { mergeByScore } from './merge-by-score.js';
import { type ModelFile, pieceTypes } from './model-file.js';
import { PieceSink } from './piece-sink.js';
import { isOrdinary, type PieceTable } from './piece-table.js';
import type { PrefixMatcher } from './prefix-matcher.js';

/** Byte-pair encoding as SentencePiece runs it (bpe_model.cc): of all neighbours that make a piece, those of the highest score first. */
export class SentencePieceBpe implements Model {
  readonly #symbols: BpeSymbols;
  readonly #cuts: CharacterCuts | undefined;
  /** The ids of symbols; those of unused pieces are to be taken apart again. */
  readonly #ids: Int32Array;
  readonly #hasUnused: boolean;
  readonly #cache = new WordCache();
  readonly #merged = new IdBuffer();

  constructor(
    file: ModelFile,
    readonly table: PieceTable,
    readonly matcher: PrefixMatcher | undefined,
    readonly bytes: ByteTokens | undefined,
    damaged: (message: string) => Error,
  ) {
    const symbols = new BpeSymbols(file, table, damaged);
    this.#symbols = symbols;
    this.#ids = Int32Array.from({ length: symbols.none + 1 }, (_, symbol) => table.id(symbols.spelling(symbol) ?? '') ?? table.unknownId);
    this.#hasUnused = file.pieces.some(({ type }) => type === pieceTypes.unused);
    // How an unused piece is taken apart depends on the whole text.
    this.#cuts = this.#hasUnused ? undefined : new CharacterCuts(file.pieces.flatMap(({ text, type }) => (isOrdinary(type) ? [text] : [])));
  }

  encodeWord(text: string, start: number, end: number, out: IdBuffer, spans?: IdBuffer): void {
    const sink = new PieceSink(this.table.unknownId, this.bytes, out, spans);
    const merged = this.#merged;
    for (let from = start; from < end; ) {
      const to = this.#cuts?.next(text, from, end) ?? end;
      merged.clear();
      const parts = this.#merge(text, from, to);
      for (let i = 0; i < merged.length; i++) from = this.#push(merged.at(i), text, from, parts, sink);
    }
    sink.flush();
  }

  /** Leaves the symbols that a part of the text becomes in `#merged`; gives how unused pieces in it were made. */
  #merge(text: string, start: number, end: number): ReadonlyMap<number, readonly [number, number]> | undefined {
    const cacheable = !this.#hasUnused && end - start <= cacheableLength;
    const hash = cacheable ? hashUnits(text, start, end) : 0;
    if (cacheable && this.#cache.emit(hash, text, start, end, this.#merged)) return undefined;
    const symbols = new Int32Array(end - start);
    let count = 0;
    for (let i = start; i < end; ) {
      const symbolEnd = this.matcher?.end(text, i) ?? -1;
      const next = symbolEnd >= 0 ? symbolEnd : i + ((text.charCodeAt(i) & 0xfc00) === 0xd800 ? 2 : 1);
      symbols[count++] = symbolEnd >= 0 ? this.table.ordinaryId(text.slice(i, next))! : this.#symbols.character(text.slice(i, next));
      i = next;
    }
    const { pairs, tiers } = this.#symbols;
    const parts = this.#hasUnused ? new Map<number, readonly [number, number]>() : undefined;
    const length =
      tiers === undefined && parts === undefined
        ? mergeSymbols(symbols, count, pairs)
        : mergeByScore(symbols, count, pairs, tiers, (merged, left, right) => {
            if (this.#isUnused(merged)) parts?.set(merged, [left, right]);
          });
    this.#merged.pushRange(symbols, 0, length);
    if (cacheable) this.#cache.add(hash, text, start, end, symbols, length);
    return parts;
  }

  /** Gives where the symbol ends. */
  #push(
    symbol: number,
    text: string,
    start: number,
    parts: ReadonlyMap<number, readonly [number, number]> | undefined,
    sink: PieceSink,
  ): number {
    const made = parts !== undefined && this.#isUnused(symbol) ? parts.get(symbol) : undefined;
    if (made !== undefined) return this.#push(made[1], text, this.#push(made[0], text, start, parts, sink), parts, sink);
    const size = this.#symbols.spelling(symbol)?.length ?? ((text.charCodeAt(start) & 0xfc00) === 0xd800 ? 2 : 1);
    sink.push(this.#ids[symbol]!, text, start, start + size);
    return start + size;
  }

  #isUnused(symbol: number): boolean {
    return symbol < this.table.size && this.table.type(symbol) === pieceTypes.unused;
  }
}
