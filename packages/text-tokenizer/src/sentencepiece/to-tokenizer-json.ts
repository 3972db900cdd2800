import { TokenizerError } from '../errors.js';
import { addedTokenJson, bpeJson, piecesDecoderJson, type TokenId, templateJson, tokenizerDocument } from '../json/document.js';
import type { TokenizerJson } from '../tokenizer.js';
import { BpeSymbols } from './bpe-symbols.js';
import { type ModelFile, pieceTypes } from './model-file.js';
import { sentencePieceNormalizer, spaceSymbol } from './normalizer.js';
import { isOrdinary, type PieceTable } from './piece-table.js';
import { unigramScores } from './unigram-model.js';

/**
 * A tokenizer.json with the ids of the model on ordinary text, as transformers' converters write them for T5 (Unigram) and Llama (BPE). Throws
 * TOKENIZER_NOT_EXPRESSIBLE for what no component of a tokenizer.json does.
 */
export function toTokenizerJson(file: ModelFile, table: PieceTable, begin: readonly number[], end: readonly number[]): TokenizerJson {
  checkExpressible(file);
  const asTokens = file.type !== 'unigram';
  const added = file.pieces.flatMap(({ text, type }, id) => {
    const special = type === pieceTypes.control || type === pieceTypes.unknown;
    if (!special && !(asTokens && type === pieceTypes.userDefined)) return [];
    // A symbol with a ▁ in it is found where spaces were.
    return [addedTokenJson([text, id], { normalized: !special && text.includes(spaceSymbol), special })];
  });
  const { addDummyPrefix, removeExtraWhitespaces } = file.normalizer;
  const withIds = (ids: readonly number[]) => ids.map((id): TokenId => [table.token(id)!, id]);
  return tokenizerDocument({
    added_tokens: added,
    normalizer: normalizerJson(file),
    post_processor: templateJson(withIds(begin), withIds(end)),
    decoder: piecesDecoderJson(spaceSymbol, file.byteFallback, addDummyPrefix || removeExtraWhitespaces),
    model: asTokens ? charactersJson(file, table) : unigramJson(file, table),
  });
}

function refuse(what: string): TokenizerError {
  return new TokenizerError({
    code: 'TOKENIZER_NOT_EXPRESSIBLE',
    message: `no tokenizer.json has the ids of this model, since ${what}.`,
    fix: 'Keep the .model file, and load that.',
  });
}

function checkExpressible({ pieces, type, normalizer, whitespaceAsSuffix, denormalizer }: ModelFile): void {
  if (type === 'word') throw refuse('it takes unknown words that follow each other for one');
  if (whitespaceAsSuffix && normalizer.addDummyPrefix) throw refuse('it puts a space after every text');
  if (denormalizer !== undefined) throw refuse('it rewrites decoded text by rules of its own');
  if (pieces.some((piece) => piece.type === pieceTypes.unused)) throw refuse('it has unused pieces');
  if (new Set(pieces.map(({ text }) => text)).size < pieces.length) throw refuse('it has a piece twice');
  const symbols = pieces.filter((piece) => piece.type === pieceTypes.userDefined);
  if (type !== 'unigram') {
    // A tokenizer.json would do so for each part of a text between such symbols.
    if (symbols.length > 0 && normalizer.addDummyPrefix) throw refuse('it has user-defined symbols and puts a space before every text');
    if (symbols.length > 0 && normalizer.removeExtraWhitespaces) throw refuse('it has user-defined symbols and squeezes spaces');
    return;
  }
  const plain = sentencePieceNormalizer({ ...normalizer, addDummyPrefix: false }, false, undefined);
  const changed = symbols.find(({ text }) => plain.apply(text, true) !== text);
  if (changed !== undefined) throw refuse(`its normalisation passes over the user-defined symbol ${JSON.stringify(changed.text)}`);
}

/** Patterns that Oniguruma and JavaScript read alike, and that look at no run of spaces twice. */
function normalizerJson({ normalizer }: ModelFile): unknown {
  const { charsmap, addDummyPrefix, removeExtraWhitespaces, escapeWhitespaces } = normalizer;
  const replace = (pattern: { Regex: string } | { String: string }, content: string) => ({ type: 'Replace', pattern, content });
  // The library takes a ▁ at the end for a space.
  const space = escapeWhitespaces ? `[ ${spaceSymbol}]` : ' ';
  const normalizers = [
    ...(charsmap === undefined ? [] : [{ type: 'Precompiled', precompiled_charsmap: toBase64(charsmap) }]),
    ...(removeExtraWhitespaces
      ? [replace({ Regex: ' {2,}' }, ' '), replace({ Regex: `(?<![\\s\\S]) +|(?<!${space})${space}+(?![\\s\\S])` }, '')]
      : []),
    ...(addDummyPrefix ? [{ type: 'Prepend', prepend: escapeWhitespaces ? spaceSymbol : ' ' }] : []),
    ...(escapeWhitespaces ? [replace({ String: ' ' }, spaceSymbol)] : []),
  ];
  return normalizers.length === 0 ? null : { type: 'Sequence', normalizers };
}

function unigramJson(file: ModelFile, table: PieceTable): unknown {
  const { scores } = unigramScores(file, table.unknownId, (text) => new TextEncoder().encode(text).length);
  const vocab = file.pieces.map(({ text, score, type }, id) => [text, isOrdinary(type) ? scores[id] : score]);
  return { type: 'Unigram', unk_id: table.unknownId, vocab, byte_fallback: file.byteFallback };
}

/** A model of characters is a BPE without merges. */
function charactersJson(file: ModelFile, table: PieceTable): TokenizerJson {
  return bpeJson({
    unk_token: table.token(table.unknownId),
    fuse_unk: true,
    byte_fallback: file.byteFallback,
    vocab: Object.fromEntries(table.entries()),
    merges: file.type === 'bpe' ? mergesJson(file, table) : [],
  });
}

function mergesJson(file: ModelFile, table: PieceTable): (string | [string, string])[] {
  const symbols = new BpeSymbols(file, table, refuse);
  if (symbols.tiers !== undefined) throw refuse('some of its pieces share a score');
  return symbols.merges().map(({ left, right }) => {
    if (Math.max(left, right) >= table.size) throw refuse('a character is part of a piece, but no piece itself');
    const pair: [string, string] = [table.token(left)!, table.token(right)!];
    // Two strings with a space between them, which all readers know, unless one has a space itself.
    return pair.some((token) => token.includes(' ')) ? pair : `${pair[0]} ${pair[1]}`;
  });
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
