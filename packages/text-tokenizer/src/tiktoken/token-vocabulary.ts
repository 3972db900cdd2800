import type { TokenTable } from '../bpe/token-table.js';
import { byteCharacters, byteOfCharacter } from '../bytes.js';
import type { Vocabulary } from '../vocabulary.js';

/** Byte strings as a vocabulary of GPT-2's byte characters (`Ġthe`), which are written only when they are asked for. */
export function tokenVocabulary(table: TokenTable): Vocabulary {
  const { bytes, starts, lengths } = table.tokens;
  const size = lengths.length;
  const token = (id: number) => {
    const length = lengths[id];
    if (length === undefined || length === 0) return undefined;
    let spelling = '';
    for (let i = starts[id]!; i < starts[id]! + length; i++) spelling += byteCharacters[bytes[i]!]!;
    return spelling;
  };
  return {
    size,
    token,
    id(spelling) {
      const word = new Uint8Array(spelling.length);
      for (let i = 0; i < spelling.length; i++) {
        const byte = byteOfCharacter(spelling.charCodeAt(i));
        if (byte < 0) return undefined;
        word[i] = byte;
      }
      const rank = table.findBytes(word, word.length);
      return rank < 0 ? undefined : rank;
    },
    *entries() {
      for (let id = 0; id < size; id++) {
        const spelling = token(id);
        if (spelling !== undefined) yield [spelling, id];
      }
    },
  };
}
