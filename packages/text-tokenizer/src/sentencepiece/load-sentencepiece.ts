import { describe, fileError, inputError, optionsError } from '../errors.js';
import { configJson } from '../json/document.js';
import type { Model } from '../model.js';
import { frame } from '../pipeline/template.js';
import { textEncoder } from '../pipeline/text-encoder.js';
import type { TokenizerConfigJson } from '../tokenizer.js';
import { ByteTokens } from '../unigram/byte-tokens.js';
import { SentencePieceBpe } from './bpe-model.js';
import { sentencePieceDecoder } from './decoder.js';
import { type ModelFile, pieceTypes, readModelFile } from './model-file.js';
import { sentencePieceNormalizer } from './normalizer.js';
import { PieceTable } from './piece-table.js';
import { CuttingModel, characterCut, wordCut } from './plain-models.js';
import { PrefixMatcher } from './prefix-matcher.js';
import { SentencePieceTokenizer } from './sentencepiece-tokenizer.js';
import { toTokenizerJson } from './to-tokenizer-json.js';
import { SentencePieceUnigram } from './unigram-model.js';

export interface SentencePieceOptions {
  /** Put the begin token (`<s>`) before every text, as Llama does; false by default, as in the library. */
  readonly addBegin?: boolean;
  /** Put the end token (`</s>`) after every text, as T5 does; false by default. */
  readonly addEnd?: boolean;
  /** The piece that fills batches, such as `<unk>` for LLaVA; by default the model's padding piece, where it has one. */
  readonly padding?: string;
  /** Ids that the model takes, begin and end included. */
  readonly modelMaxLength?: number;
}

/**
 * Builds the tokenizer that a SentencePiece `.model` file describes (unigram, BPE, word or character), with the ids, offsets and decoded text of
 * the C++ library. As there, what spells a control piece (`<s>`) in a text is ordinary text, whatever `specialTokens` says.
 *
 * Throws TOKENIZER_FILE, with the byte offset, for a damaged file, and TOKENIZER_OPTIONS for a piece that the model lacks.
 */
export function loadSentencePiece(bytes: Uint8Array, options: SentencePieceOptions = {}): SentencePieceTokenizer {
  if (!(bytes instanceof Uint8Array)) {
    throw inputError(`the .model file is ${describe(bytes)}, but its bytes were expected.`, 'Read it as a Uint8Array.');
  }
  const file = readModelFile(bytes, 'the .model file');
  const damaged = (message: string) => fileError(`the .model file cannot be used: ${message}.`, 'Fetch it again.');
  const table = new PieceTable(file, damaged);
  const matcher = PrefixMatcher.of(
    file.pieces.flatMap(({ text, type }, id) => (type === pieceTypes.userDefined ? [[text, id] as const] : [])),
  );
  const normalizer = sentencePieceNormalizer(file.normalizer, file.whitespaceAsSuffix, matcher);
  const model = buildModel(file, table, matcher, damaged);
  const encoder = textEncoder({ rawTokens: undefined, normalizedTokens: undefined, normalizer, stages: [], model });

  const { names } = file;
  const begin = options.addBegin ? [controlId(table, names.begin, 'addBegin')] : [];
  const end = options.addEnd ? [controlId(table, names.end, 'addEnd')] : [];
  const specialIds = new Set<number>();
  file.pieces.forEach(({ type }, id) => {
    if (type === pieceTypes.control || type === pieceTypes.unknown) specialIds.add(id);
  });
  const padding = paddingId(table, names.padding, options.padding);
  return new SentencePieceTokenizer(
    {
      vocabulary: table,
      encoder: () => encoder,
      decoder: sentencePieceDecoder(file, table),
      template: frame(begin, end),
      specialIds,
      padding: { id: padding, side: 'right', multiple: 1 },
      truncationSide: 'right',
      modelMaxLength: options.modelMaxLength,
      defaults: {},
      toJSON: () => toTokenizerJson(file, table, begin, end),
      toConfigJSON: () => toConfigJson(file, table, options, padding),
    },
    { file, table, normalizer },
  );
}

function buildModel(file: ModelFile, table: PieceTable, matcher: PrefixMatcher | undefined, damaged: (message: string) => Error): Model {
  const bytes = file.byteFallback ? new ByteTokens(table) : undefined;
  switch (file.type) {
    case 'unigram':
      return new SentencePieceUnigram(file, table, bytes);
    case 'bpe':
      return new SentencePieceBpe(file, table, matcher, bytes, damaged);
    case 'char':
      return new CuttingModel(characterCut(matcher), table, bytes);
    case 'word':
      return new CuttingModel(wordCut, table, bytes);
  }
}

function controlId(table: PieceTable, name: string, option: string): number {
  const id = table.id(name);
  if (id !== undefined && table.type(id) === pieceTypes.control) return id;
  throw optionsError(`${option} is set, but this model has no control piece ${JSON.stringify(name)}.`, `Leave ${option} out.`);
}

function paddingId(table: PieceTable, own: string, wanted: string | undefined): number | undefined {
  const id = table.id(wanted ?? own);
  if (wanted === undefined) return id !== undefined && table.type(id) === pieceTypes.control ? id : undefined;
  if (id !== undefined) return id;
  throw optionsError(`padding is ${JSON.stringify(wanted)}, but this model has no such piece.`, 'Name one of its pieces, such as "<unk>".');
}

function toConfigJson(
  { names }: ModelFile,
  table: PieceTable,
  options: SentencePieceOptions,
  padding: number | undefined,
): TokenizerConfigJson {
  const named = (name: string) => (table.id(name) === undefined ? undefined : name);
  return configJson(options.modelMaxLength, {
    bos_token: named(names.begin),
    eos_token: named(names.end),
    unk_token: table.token(table.unknownId),
    pad_token: padding === undefined ? undefined : table.token(padding),
  });
}
