import type { IdBuffer } from '../id-buffer.js';
import type { Model } from '../model.js';
import type { ByteTokens } from '../unigram/byte-tokens.js';
import { spaceSymbol } from './normalizer.js';
import { PieceSink } from './piece-sink.js';
import type { PieceTable } from './piece-table.js';
import type { PrefixMatcher } from './prefix-matcher.js';

/** Where the piece ends that begins at `start`. */
type Cut = (text: string, start: number) => number;

/** Every character, or user-defined symbol, is a piece (char_model.cc). */
export function characterCut(matcher: PrefixMatcher | undefined): Cut {
  return (text, start) => {
    const end = matcher?.end(text, start) ?? -1;
    if (end >= 0) return end;
    return (text.charCodeAt(start) & 0xfc00) === 0xd800 ? start + 2 : start + 1;
  };
}

/** Every word, with the `▁` before it, is a piece (word_model.cc). */
export const wordCut: Cut = (text, start) => {
  const next = text.indexOf(spaceSymbol, start + 1);
  return next < 0 ? text.length : next;
};

/** A model that cuts the text without regard to the vocabulary. */
export class CuttingModel implements Model {
  constructor(
    readonly cut: Cut,
    readonly table: PieceTable,
    readonly bytes: ByteTokens | undefined,
  ) {}

  encodeWord(text: string, start: number, end: number, out: IdBuffer, spans?: IdBuffer): void {
    const { unknownId } = this.table;
    const sink = new PieceSink(unknownId, this.bytes, out, spans);
    for (let from = start; from < end; ) {
      const to = Math.min(end, this.cut(text, from));
      sink.push(this.table.id(text.slice(from, to)) ?? unknownId, text, from, to);
      from = to;
    }
    sink.flush();
  }
}
