import type { JsonReader } from '../json/json-reader.js';
import type { Model } from '../model.js';
import type { Vocabulary } from '../vocabulary.js';
import { throwUnknown } from '../wordpiece/wordpiece-model.js';

/** The WordLevel model of a tokenizer.json: every word is one token. */
export function readWordLevel(json: JsonReader, vocabulary: Vocabulary): Model {
  const unknown = vocabulary.id(json.field('unk_token').string('<unk>'));
  return {
    encodeWord(text, start, end, out, spans) {
      const word = text.slice(start, end);
      out.push(vocabulary.id(word) ?? unknown ?? throwUnknown(word));
      spans?.push(start);
      spans?.push(end);
    },
  };
}
