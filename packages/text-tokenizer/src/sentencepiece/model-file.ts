import { CharacterMap } from './character-map.js';
import { WireReader, wireTypes } from './wire-reader.js';

export const pieceTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;
export type PieceType = (typeof pieceTypes)[keyof typeof pieceTypes];

const modelTypes = ['unigram', 'bpe', 'word', 'char'] as const;

export interface Piece {
  readonly text: string;
  /** A single-precision number. */
  readonly score: number;
  readonly type: PieceType;
}

export interface NormalizerSpec {
  readonly rules: CharacterMap | undefined;
  /** The bytes that the rules were read from. */
  readonly charsmap: Uint8Array | undefined;
  readonly addDummyPrefix: boolean;
  readonly removeExtraWhitespaces: boolean;
  readonly escapeWhitespaces: boolean;
}

/** What a SentencePiece `.model` file says that matters for encoding and decoding (sentencepiece_model.proto). */
export interface ModelFile {
  readonly pieces: readonly Piece[];
  readonly type: (typeof modelTypes)[number];
  readonly byteFallback: boolean;
  readonly whitespaceAsSuffix: boolean;
  /** The names of the pieces with a meaning. */
  readonly names: { readonly unknown: string; readonly begin: string; readonly end: string; readonly padding: string };
  readonly unknownSurface: string;
  readonly normalizer: NormalizerSpec;
  readonly denormalizer: NormalizerSpec | undefined;
}

const maximumPieces = 4_000_000;
const maximumBytes = 2 ** 28;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads a `.model` file. Throws TOKENIZER_FILE with the byte offset when it is damaged. */
export function readModelFile(bytes: Uint8Array, name: string): ModelFile {
  const reader = new WireReader(bytes, name);
  if (bytes.length > maximumBytes) throw reader.error(`there are ${bytes.length} bytes, but at most ${maximumBytes} are read`);
  const pieces: Piece[] = [];
  const trainer: Trainer = { ...trainerDefaults, names: { ...trainerDefaults.names } };
  const normalizer = { ...normalizerDefaults };
  let denormalizer: Mutable<NormalizerSpec> | undefined;
  while (reader.next()) {
    if (reader.wireType !== wireTypes.bytes || ![1, 2, 3, 5].includes(reader.field)) reader.skip();
    else if (reader.field === 1) {
      if (pieces.length === maximumPieces) throw reader.error(`there are more than ${maximumPieces} pieces`);
      pieces.push(readPiece(reader.message()));
    } else if (reader.field === 2) readTrainer(reader.message(), trainer);
    else if (reader.field === 3) readNormalizer(reader.message(), normalizer);
    else {
      denormalizer ??= { ...normalizerDefaults };
      readNormalizer(reader.message(), denormalizer);
    }
  }
  if (pieces.length === 0) throw reader.error('the file ends without a piece');
  const type = modelTypes[trainer.modelType - 1]!;
  // The library has no use for a denormalizer without rules.
  return { pieces, ...trainer, type, normalizer, denormalizer: denormalizer?.rules && denormalizer };
}

function readPiece(reader: WireReader): Piece {
  const piece: Mutable<Piece> = { text: '', score: 0, type: pieceTypes.normal };
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === wireTypes.bytes) piece.text = reader.text();
    else if (reader.field === 2 && reader.wireType === wireTypes.fixed32) {
      piece.score = reader.float();
      if (!Number.isFinite(piece.score)) throw reader.error(`the score of ${JSON.stringify(piece.text)} is ${piece.score}`);
    } else if (reader.field === 3 && reader.wireType === wireTypes.varint) {
      const type = reader.varint();
      // As protocol buffers have it, a value that an enumeration lacks is passed over.
      if (type >= pieceTypes.normal && type <= pieceTypes.byte) piece.type = type as PieceType;
    } else reader.skip();
  }
  if (piece.text === '') throw reader.error('there is a piece without a text');
  return piece;
}

interface Trainer extends Mutable<Pick<ModelFile, 'byteFallback' | 'whitespaceAsSuffix' | 'unknownSurface'>> {
  modelType: number;
  names: Mutable<ModelFile['names']>;
}

const trainerDefaults: Trainer = {
  modelType: 1,
  byteFallback: false,
  whitespaceAsSuffix: false,
  unknownSurface: ' \u2047 ',
  names: { unknown: '<unk>', begin: '<s>', end: '</s>', padding: '<pad>' },
};
const nameFields = { 45: 'unknown', 46: 'begin', 47: 'end', 48: 'padding' } as const;

function readTrainer(reader: WireReader, trainer: Trainer): void {
  while (reader.next()) {
    const { field } = reader;
    if (reader.wireType === wireTypes.varint) {
      const value = reader.varint();
      if (field === 3 && value >= 1 && value <= modelTypes.length) trainer.modelType = value;
      else if (field === 24) trainer.whitespaceAsSuffix = value !== 0;
      else if (field === 35) trainer.byteFallback = value !== 0;
    } else if (reader.wireType === wireTypes.bytes && field === 44) {
      // The library takes it as a C string.
      trainer.unknownSurface = reader.text().split('\0')[0]!;
    } else if (reader.wireType === wireTypes.bytes && field in nameFields) {
      const name = nameFields[field as keyof typeof nameFields];
      trainer.names[name] = reader.text() || trainerDefaults.names[name];
    } else reader.skip();
  }
}

const normalizerDefaults: NormalizerSpec = {
  rules: undefined,
  charsmap: undefined,
  addDummyPrefix: true,
  removeExtraWhitespaces: true,
  escapeWhitespaces: true,
};

function readNormalizer(reader: WireReader, spec: Mutable<NormalizerSpec>): void {
  while (reader.next()) {
    const { field } = reader;
    if (reader.wireType === wireTypes.varint) {
      const value = reader.varint() !== 0;
      if (field === 3) spec.addDummyPrefix = value;
      else if (field === 4) spec.removeExtraWhitespaces = value;
      else if (field === 5) spec.escapeWhitespaces = value;
    } else if (reader.wireType === wireTypes.bytes && field === 2) {
      const [start, end] = reader.range();
      const charsmap = reader.bytes.subarray(start, end);
      spec.charsmap = end > start ? charsmap.slice() : undefined;
      spec.rules =
        end > start ? new CharacterMap(charsmap, (message) => reader.error(`precompiled_charsmap ${message}`, start)) : undefined;
    } else reader.skip();
  }
}
