import type { IdBuffer } from '../id-buffer.js';
import type { Model } from '../model.js';
import { BestPath, type PieceScores } from '../unigram/best-path.js';
import type { ByteTokens } from '../unigram/byte-tokens.js';
import { PieceTrie } from '../unigram/piece-trie.js';
import { type ModelFile, pieceTypes } from './model-file.js';
import { PieceSink } from './piece-sink.js';
import type { PieceTable } from './piece-table.js';

const { fround } = Math;
const largestFloat = 3.4028234663852886e38;
/** The library begins to look for the highest score here, so that of negative ones, which they all are, none is found. */
const smallestFloat = 1.1754943508222875e-38;
const unknownPenalty = 10;

/** The trie and scores of a unigram model, with lengths counted in bytes (encoding) or in characters (n-best), as the library does. */
export function unigramScores({ pieces }: ModelFile, unknownId: number, length: (text: string) => number): PieceScores {
  const trie = new PieceTrie();
  const scores = new Float64Array(pieces.length);
  let least = largestFloat;
  let most = smallestFloat;
  for (const { score, type } of pieces) {
    if (type !== pieceTypes.normal) continue;
    least = Math.min(least, score);
    most = Math.max(most, score);
  }
  pieces.forEach(({ text, score, type }, id) => {
    if (type !== pieceTypes.normal && type !== pieceTypes.userDefined) return;
    trie.add(text, id);
    // User-defined symbols cost next to nothing, so that they are always taken.
    scores[id] = type === pieceTypes.normal ? score : fround(length(text) * most) - 0.1;
  });
  return { trie, scores, unknownScore: fround(least - unknownPenalty), unknownId, single: true };
}

/** A unigram language model as SentencePiece runs it (unigram_model.cc): single precision throughout. */
export class SentencePieceUnigram implements Model {
  readonly #path: BestPath;

  constructor(
    file: ModelFile,
    readonly table: PieceTable,
    readonly bytes: ByteTokens | undefined,
  ) {
    const encoder = new TextEncoder();
    this.#path = new BestPath(unigramScores(file, table.unknownId, (text) => encoder.encode(text).length));
  }

  encodeWord(text: string, start: number, end: number, out: IdBuffer, spans?: IdBuffer): void {
    const sink = new PieceSink(this.table.unknownId, this.bytes, out, spans);
    const path = this.#path;
    path.find(text, start, end);
    for (let at = 0; at < end - start; ) {
      const from = at;
      at = path.next(at);
      sink.push(path.id(at), text, start + from, start + at);
    }
    sink.flush();
  }
}
