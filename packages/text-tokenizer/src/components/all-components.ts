import { readVocabulary } from '../json/read-vocabulary.js';
import { readWordLevel } from '../word-level/read-word-level.js';
import { readWordPiece } from '../wordpiece/read-wordpiece.js';
import { readBertNormalizer } from './bert-normalizer.js';
import { byteCharacterRewriter } from './byte-characters.js';
import { byteLevelComponents } from './byte-level-components.js';
import { readBpeDecoder, readReplaceDecoder } from './decoders.js';
import { bertPreTokenizer, readCharDelimiterSplit, readFixedLength, readPunctuation, whitespace, whitespaceSplit } from './splits.js';
import { stripAccents } from './strip-accents.js';
import type { Components } from './tables.js';
import { unicodeScripts } from './unicode-scripts.js';
import { readCtcDecoder, readWordPieceDecoder } from './wordpiece-decoder.js';

/** Every component of huggingface/tokenizers 0.23. */
export const allComponents = {
  normalizers: {
    ...byteLevelComponents.normalizers,
    BertNormalizer: readBertNormalizer,
    ByteLevel: () => byteCharacterRewriter,
    StripAccents: () => stripAccents,
  },
  preTokenizers: {
    ...byteLevelComponents.preTokenizers,
    BertPreTokenizer: () => bertPreTokenizer,
    CharDelimiterSplit: readCharDelimiterSplit,
    Delimiter: readCharDelimiterSplit,
    FixedLength: readFixedLength,
    Punctuation: readPunctuation,
    UnicodeScripts: unicodeScripts,
    Whitespace: () => whitespace,
    WhitespaceSplit: () => whitespaceSplit,
  },
  postProcessors: byteLevelComponents.postProcessors,
  decoders: {
    ...byteLevelComponents.decoders,
    BPEDecoder: readBpeDecoder,
    CTC: readCtcDecoder,
    Replace: readReplaceDecoder,
    WordPiece: readWordPieceDecoder,
  },
  models: {
    ...byteLevelComponents.models,
    WordLevel: { entries: readVocabulary, read: readWordLevel, readsBytes: false },
    WordPiece: { entries: readVocabulary, read: readWordPiece, readsBytes: false },
  },
} as const satisfies Components;
