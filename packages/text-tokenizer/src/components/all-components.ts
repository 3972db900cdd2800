import { readCharacterBpe } from '../bpe/character-bpe-json.js';
import { readByteLevelBpe } from '../json/bpe-model.js';
import { readPieces, readVocabulary } from '../json/read-vocabulary.js';
import { readUnigram } from '../unigram/unigram.js';
import { readWordLevel } from '../word-level/read-word-level.js';
import { readWordPiece } from '../wordpiece/read-wordpiece.js';
import { readBertNormalizer } from './bert-normalizer.js';
import { byteCharacterRewriter } from './byte-characters.js';
import { readByteFallback } from './byte-fallback.js';
import { byteLevelComponents } from './byte-level-components.js';
import { readFuse } from './fuse.js';
import { readMetaspace, readMetaspaceDecoder } from './metaspace.js';
import { readNmt } from './nmt.js';
import { readPrecompiled } from './precompiled.js';
import { readPrepend } from './prepend.js';
import { translateRegex } from './regex.js';
import { replaceReader } from './replace.js';
import { splitReader } from './split.js';
import { bertPreTokenizer, readCharDelimiterSplit, readFixedLength, readPunctuation, whitespace, whitespaceSplit } from './splits.js';
import { readStrip } from './strip.js';
import { stripAccents } from './strip-accents.js';
import { readStripDecoder } from './strip-decoder.js';
import type { Components } from './tables.js';
import { readBpeDecoder, readReplaceDecoder } from './text-decoders.js';
import { unicodeScripts } from './unicode-scripts.js';
import { readCtcDecoder, readWordPieceDecoder } from './wordpiece-decoder.js';

/** Every component of huggingface/tokenizers 0.23. */
export const allComponents = {
  normalizers: {
    ...byteLevelComponents.normalizers,
    BertNormalizer: readBertNormalizer,
    ByteLevel: () => byteCharacterRewriter,
    Nmt: readNmt,
    Precompiled: readPrecompiled,
    Prepend: readPrepend,
    Replace: replaceReader(translateRegex),
    Strip: readStrip,
    StripAccents: () => stripAccents,
  },
  preTokenizers: {
    ...byteLevelComponents.preTokenizers,
    BertPreTokenizer: () => bertPreTokenizer,
    CharDelimiterSplit: readCharDelimiterSplit,
    Delimiter: readCharDelimiterSplit,
    FixedLength: readFixedLength,
    Metaspace: (json) => ({ stages: readMetaspace(json), byteLevel: false }),
    Punctuation: readPunctuation,
    Split: splitReader(translateRegex),
    UnicodeScripts: unicodeScripts,
    Whitespace: () => whitespace,
    WhitespaceSplit: () => whitespaceSplit,
  },
  postProcessors: byteLevelComponents.postProcessors,
  decoders: {
    ...byteLevelComponents.decoders,
    BPEDecoder: readBpeDecoder,
    ByteFallback: readByteFallback,
    CTC: readCtcDecoder,
    Fuse: readFuse,
    Metaspace: readMetaspaceDecoder,
    Replace: readReplaceDecoder,
    Strip: readStripDecoder,
    WordPiece: readWordPieceDecoder,
  },
  models: {
    BPE: {
      ...byteLevelComponents.models.BPE,
      read: (json, vocabulary, words) => (words === 'bytes' ? readByteLevelBpe : readCharacterBpe)(json, vocabulary),
    },
    Unigram: { entries: readPieces, read: readUnigram, readsBytes: false },
    WordLevel: { entries: readVocabulary, read: readWordLevel, readsBytes: false },
    WordPiece: { entries: readVocabulary, read: readWordPiece, readsBytes: false },
  },
} as const satisfies Components;
