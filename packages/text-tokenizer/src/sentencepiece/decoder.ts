import type { Decoder } from '../pipeline/decode-stages.js';
import { type ModelFile, pieceTypes } from './model-file.js';
import { sentencePieceNormalizer, spaceSymbol } from './normalizer.js';
import { byteOf, type PieceTable } from './piece-table.js';
import { Utf8Stream } from './utf8-stream.js';

/** Pieces as text, as the library puts them together (sentencepiece_processor.cc, Decode). */
export function sentencePieceDecoder({ normalizer, denormalizer, unknownSurface }: ModelFile, table: PieceTable): Decoder {
  // The space that was put before the text goes again; where spaces were squeezed, all that the text begins with.
  const strips = normalizer.addDummyPrefix || normalizer.removeExtraWhitespaces;
  const decoder: Decoder = () => {
    const bytes = new Utf8Stream();
    let atStart = true;
    let stripped = false;
    let empty = true;
    return {
      push(piece, emit) {
        const write = (text: string) => {
          if (text !== '') empty = false;
          emit(text);
        };
        const id = table.id(piece);
        const type = id === undefined ? undefined : table.type(id);
        if (type === pieceTypes.byte) {
          bytes.push(byteOf(piece)!, write);
          return;
        }
        bytes.flush(write);
        if (stripped || !empty) atStart = false;
        stripped = false;
        if (type === pieceTypes.control) return;
        if (type === pieceTypes.unknown) {
          write(unknownSurface);
          return;
        }
        const strip = atStart && strips && piece.startsWith(spaceSymbol);
        stripped = strip && !normalizer.removeExtraWhitespaces;
        write((strip ? piece.slice(1) : piece).replaceAll(spaceSymbol, ' '));
      },
      flush(emit) {
        bytes.flush(emit);
        atStart = true;
        stripped = false;
        empty = true;
      },
    };
  };
  if (denormalizer === undefined) return decoder;
  const denormalize = sentencePieceNormalizer(denormalizer, false, undefined);
  // The rules may look at what comes next, so the text must be there.
  return () => {
    const stage = decoder();
    let text = '';
    const gather = (piece: string) => {
      text += piece;
    };
    return {
      push: (piece) => stage.push(piece, gather),
      flush(emit) {
        stage.flush(gather);
        emit(denormalize.apply(text, true));
        text = '';
      },
    };
  };
}
