import { readBertNormalizer } from './bert-normalizer.js';
import { byteCharacterRewriter } from './byte-characters.js';
import { byteLevelComponents } from './byte-level-components.js';
import { readBpeDecoder, readReplaceDecoder } from './decoders.js';
import { stripAccents } from './strip-accents.js';
import type { Components } from './tables.js';
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
  },
} as const satisfies Components;
