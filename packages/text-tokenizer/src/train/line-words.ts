import { allComponents } from '../components/all-components.js';
import { readNormalizer, readPreTokenizer } from '../components/tables.js';
import { IdBuffer } from '../id-buffer.js';
import { JsonReader } from '../json/json-reader.js';
import { textEncoder } from '../pipeline/text-encoder.js';
import { wellFormed } from '../unigram/well-formed.js';
import type { LineWords } from './count-words.js';

/**
 * The words that the model of a tokenizer with these components gets, found by the very pipeline that encodes. A vocabulary of characters
 * takes well-formed text only: a file that holds half a character can be read by nobody.
 */
export function lineWords(normalizer: unknown, preTokenizer: unknown, characters = false): LineWords {
  let emit: (word: string) => void;
  const encoder = textEncoder({
    rawTokens: undefined,
    normalizedTokens: undefined,
    normalizer: readNormalizer(new JsonReader(normalizer, 'normalizer'), allComponents.normalizers),
    stages: readPreTokenizer(new JsonReader(preTokenizer, 'pre_tokenizer'), allComponents.preTokenizers).stages,
    model: { encodeWord: (text, start, end) => emit(text.slice(start, end)) },
  });
  const none = new IdBuffer();
  return (line, found) => {
    emit = found;
    encoder.encode(characters ? wellFormed(line) : line, none);
  };
}
