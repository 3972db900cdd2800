import { hashUnits } from '../bpe/hash.js';
import { cacheableLength, WordCache } from '../bpe/word-cache.js';
import { describe, inputError } from '../errors.js';
import type { IdBuffer } from '../id-buffer.js';
import type { JsonReader } from '../json/json-reader.js';
import type { Model } from '../model.js';
import type { Vocabulary } from '../vocabulary.js';
import { BestPath } from './best-path.js';
import { ByteTokens } from './byte-tokens.js';
import { PieceTrie } from './piece-trie.js';
import { wellFormed } from './well-formed.js';

/** How much less probable than the least probable piece an unknown character is. */
const unknownPenalty = 10;

/** The Unigram model of a tokenizer.json; `vocabulary` is the model's own, without what the file adds. */
export function readUnigram(json: JsonReader, vocabulary: Vocabulary): Model {
  const vocab = json.field('vocab');
  const entries = vocab.values();
  const scores = new Float64Array(entries.length);
  const trie = new PieceTrie();
  let least = Number.POSITIVE_INFINITY;
  entries.forEach((entry, id) => {
    const [piece, score] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof piece !== 'string' || typeof score !== 'number' || !Number.isFinite(score))
      throw vocab.item(id).wrong('a piece and its score');
    trie.add(piece, id);
    scores[id] = score;
    if (score < least) least = score;
  });
  const unknownId = json.field('unk_id').integer(undefined);
  if (unknownId !== undefined && unknownId >= entries.length)
    throw json.field('unk_id').error(`is ${unknownId}, but model.vocab has ${entries.length} pieces.`);
  const path = new BestPath({ trie, scores, unknownScore: least - unknownPenalty, unknownId: unknownId ?? -1, single: false });
  return new Unigram(path, vocabulary, unknownId, json.field('byte_fallback').boolean(false) ? new ByteTokens(vocabulary) : undefined);
}

/** A unigram language model over words (Kudo 2018, arXiv 1804.10959), as huggingface/tokenizers runs it (models/unigram/model.rs). */
class Unigram implements Model {
  readonly #cache = new WordCache();

  constructor(
    readonly path: BestPath,
    readonly vocabulary: Vocabulary,
    readonly unknownId: number | undefined,
    readonly bytes: ByteTokens | undefined,
  ) {}

  encodeWord(text: string, start: number, end: number, out: IdBuffer, spans?: IdBuffer): void {
    if (spans !== undefined || end - start > cacheableLength) {
      this.#encode(text, start, end, out, spans);
      return;
    }
    const hash = hashUnits(text, start, end);
    if (this.#cache.emit(hash, text, start, end, out)) return;
    const first = out.length;
    this.#encode(text, start, end, out);
    const ids = out.slice(first);
    this.#cache.add(hash, text, start, end, ids, ids.length);
  }

  /** `shift` is what the spans get on top of their places in `text`. */
  #encode(text: string, start: number, end: number, out: IdBuffer, spans?: IdBuffer, shift = 0): void {
    const { path } = this;
    if (!path.find(text, start, end)) {
      this.#encode(wellFormed(text.slice(start, end)), 0, end - start, out, spans, start);
      return;
    }
    const length = end - start;
    const unknown = this.unknownId ?? -1;
    for (let at = 0; at < length; ) {
      const from = at;
      at = path.next(at);
      const id = path.id(at);
      if (id !== unknown) {
        out.push(id);
        spans?.push(shift + start + from);
        spans?.push(shift + start + at);
        continue;
      }
      // Unknown characters that follow each other are one token.
      while (at < length && path.id(path.next(at)) === unknown) at = path.next(at);
      const count = this.#pushUnknown(text.slice(start + from, start + at), out);
      if (spans === undefined) continue;
      for (let i = 0; i < count; i++) {
        spans.push(shift + start + from);
        spans.push(shift + start + at);
      }
    }
  }

  /** Gives the number of ids. A run of unknown characters is looked up once more as a whole, then as bytes, as in the original. */
  #pushUnknown(run: string, out: IdBuffer): number {
    const id = this.vocabulary.id(run);
    if (id === undefined) {
      const first = out.length;
      if (this.bytes?.push(run, out)) return out.length - first;
    }
    const found = id ?? this.unknownId;
    if (found === undefined) {
      throw inputError(
        `the text has ${describe(run)}, which this vocabulary cannot spell, and model.unk_id names no unknown token.`,
        'Use a tokenizer that has one.',
      );
    }
    out.push(found);
    return 1;
  }
}
