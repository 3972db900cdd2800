import { readByteLevelBpe } from '../json/bpe-model.js';
import { readVocabulary } from '../json/read-vocabulary.js';
import { readByteLevel } from './byte-level.js';
import { byteLevelDecoder } from './decoders.js';
import { readDigits } from './digits.js';
import { knownPattern } from './known-pattern.js';
import { lowercaseRewriter } from './lowercase.js';
import { normalizationForm } from './normalization-form.js';
import {
  readBertProcessing,
  readByteLevelProcessor,
  readPostProcessorSequence,
  readRobertaProcessing,
  readTemplateProcessing,
} from './post-processor.js';
import { replaceReader } from './replace.js';
import { readDecoderSequence, readNormalizerSequence, readPreTokenizerSequence } from './sequence.js';
import { splitReader } from './split.js';
import type { Components } from './tables.js';

/** What byte-level BPE tokenizers are made of. */
export const byteLevelComponents = {
  normalizers: {
    Lowercase: () => lowercaseRewriter,
    NFC: () => normalizationForm('NFC'),
    NFD: () => normalizationForm('NFD'),
    NFKC: () => normalizationForm('NFKC'),
    NFKD: () => normalizationForm('NFKD'),
    Replace: replaceReader(knownPattern),
    Sequence: readNormalizerSequence,
  },
  preTokenizers: {
    ByteLevel: readByteLevel,
    Digits: readDigits,
    Split: splitReader(knownPattern),
    Sequence: readPreTokenizerSequence,
  },
  postProcessors: {
    BertProcessing: readBertProcessing,
    ByteLevel: readByteLevelProcessor,
    RobertaProcessing: readRobertaProcessing,
    TemplateProcessing: readTemplateProcessing,
    Sequence: readPostProcessorSequence,
  },
  decoders: {
    ByteLevel: () => byteLevelDecoder,
    Sequence: readDecoderSequence,
  },
  models: {
    BPE: {
      entries: readVocabulary,
      readsBytes: true,
      read(json, vocabulary, words) {
        if (words === 'bytes') return readByteLevelBpe(json, vocabulary);
        throw json.error(
          'is a BPE whose words are not bytes (the pre-tokenizer has no ByteLevel at its end), but only byte-level BPE is supported here.',
          'Use loadTokenizer of @polymodal/text-tokenizer, which reads every kind.',
        );
      },
    },
  },
} as const satisfies Components;
