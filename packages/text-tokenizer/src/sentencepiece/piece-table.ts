import { byteToken } from '../unigram/byte-tokens.js';
import type { Vocabulary } from '../vocabulary.js';
import { type ModelFile, type Piece, type PieceType, pieceTypes } from './model-file.js';

/** The pieces of a model by spelling and by id (model_interface.cc). */
export class PieceTable implements Vocabulary {
  readonly unknownId: number;
  readonly #pieces: readonly Piece[];
  /** Pieces that text can become, and the others: one spelling may be both. */
  readonly #ordinary = new Map<string, number>();
  readonly #reserved = new Map<string, number>();

  /** Throws TOKENIZER_FILE where the library refuses a model, too. */
  constructor({ pieces, byteFallback }: ModelFile, damaged: (message: string) => Error) {
    this.#pieces = pieces;
    let unknownId = -1;
    let bytes = 0;
    pieces.forEach(({ text, type }, id) => {
      const map = isOrdinary(type) ? this.#ordinary : this.#reserved;
      if (map.has(text)) throw damaged(`piece ${id} repeats ${JSON.stringify(text)}`);
      map.set(text, id);
      if (type === pieceTypes.unknown) {
        if (unknownId >= 0) throw damaged(`pieces ${unknownId} and ${id} are both the unknown piece`);
        unknownId = id;
      } else if (type === pieceTypes.byte) {
        if (!byteFallback) throw damaged(`piece ${id} is a byte, but byte_fallback is false`);
        if (byteOf(text) === undefined) throw damaged(`piece ${id}, ${JSON.stringify(text)}, is no byte`);
        bytes++;
      }
    });
    if (unknownId < 0) throw damaged('there is no unknown piece');
    if (byteFallback && bytes < 256) throw damaged(`there are ${bytes} byte pieces, but byte_fallback needs 256`);
    this.unknownId = unknownId;
  }

  get size(): number {
    return this.#pieces.length;
  }

  /** The id of a piece as the library finds it; where one spelling is two pieces, that which text does not become. */
  id(text: string): number | undefined {
    return this.#reserved.get(text) ?? this.#ordinary.get(text);
  }

  /** The id of a piece that text can become. */
  ordinaryId(text: string): number | undefined {
    return this.#ordinary.get(text);
  }

  token(id: number): string | undefined {
    return this.#pieces[id]?.text;
  }

  type(id: number): PieceType {
    return this.#pieces[id]!.type;
  }

  *entries(): Iterable<readonly [token: string, id: number]> {
    for (const [id, { text }] of this.#pieces.entries()) yield [text, id];
  }
}

export function isOrdinary(type: PieceType): boolean {
  return type === pieceTypes.normal || type === pieceTypes.userDefined || type === pieceTypes.unused;
}

const bytes: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(Array.from({ length: 256 }, (_, byte) => [byteToken(byte), byte]));

/** The byte that `<0x41>` spells. */
export function byteOf(text: string): number | undefined {
  return bytes.get(text);
}
