import { checkText, optionsError, TokenizerError } from '../errors.js';
import { IdBuffer } from '../id-buffer.js';
import type { Rewriter } from '../pipeline/stages.js';
import { Tokenizer, type TokenizerParts } from '../tokenizer.js';
import { ByteTokens } from '../unigram/byte-tokens.js';
import { type Lattice, nBest, unigramLattice } from './lattice.js';
import type { ModelFile } from './model-file.js';
import { PieceSink } from './piece-sink.js';
import type { PieceTable } from './piece-table.js';

/** One of several ways to cut a text. */
export interface Segmentation {
  /** Without begin and end tokens. */
  readonly ids: Int32Array;
  /** The logarithm of its probability under the model. */
  readonly score: number;
}

/** A tokenizer from a `.model` file. */
export class SentencePieceTokenizer extends Tokenizer {
  readonly #source: { readonly file: ModelFile; readonly table: PieceTable; readonly normalizer: Rewriter };
  #lattice: ((text: string) => Lattice) | undefined;

  constructor(parts: TokenizerParts, source: { readonly file: ModelFile; readonly table: PieceTable; readonly normalizer: Rewriter }) {
    super(parts);
    this.#source = source;
  }

  /**
   * The `count` most probable ways to cut a text, best first, as the library's `NBestEncode` gives them (1024 at most). Meant for sentences: its
   * memory grows with the number of pieces that occur anywhere in the text. Throws TOKENIZER_UNSUPPORTED for a model that is no unigram model.
   */
  nBest(text: string, count: number): Segmentation[] {
    checkText(text);
    const { file, table, normalizer } = this.#source;
    if (file.type !== 'unigram') {
      throw new TokenizerError({
        code: 'TOKENIZER_UNSUPPORTED',
        message: `nBest was called on a model of the type ${file.type}, but only unigram models have probabilities.`,
        fix: 'Call encode.',
      });
    }
    if (!Number.isInteger(count) || count < 1 || count > 1024) {
      throw optionsError(`nBest was asked for ${count} ways, but a whole number from 1 to 1024 was expected.`, 'Pass such a number.');
    }
    const normalized = normalizer.apply(text, true);
    if (normalized === '') return [{ ids: new Int32Array(0), score: 0 }];
    if (count === 1) return [{ ids: this.encode(text, { addSpecialTokens: false }).ids, score: 0 }];
    this.#lattice ??= unigramLattice(file, table.unknownId);
    const bytes = file.byteFallback ? new ByteTokens(table) : undefined;
    return nBest(this.#lattice(normalized), count).map(({ nodes, score }) => {
      const out = new IdBuffer();
      const sink = new PieceSink(table.unknownId, bytes, out, undefined);
      for (const { id, start, end } of nodes) sink.push(id, normalized, start, end);
      sink.flush();
      return { ids: out.slice(), score };
    });
  }
}
