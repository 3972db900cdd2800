import type { JsonReader } from '../json/json-reader.js';
import type { Vocabulary } from '../vocabulary.js';
import { WordPieceModel } from './wordpiece-model.js';

/** The WordPiece model of a tokenizer.json. */
export function readWordPiece(json: JsonReader, vocabulary: Vocabulary): WordPieceModel {
  return new WordPieceModel({
    vocabulary,
    unknownId: vocabulary.id(json.field('unk_token').string('[UNK]')),
    prefix: json.field('continuing_subword_prefix').insertion('##'),
    maximumLength: json.field('max_input_chars_per_word').integer(100),
  });
}
