import { ByteLevelBpe } from '../bpe/byte-level-bpe.js';
import { readAddedTokens } from '../components/added-tokens.js';
import { byteLevelComponents } from '../components/byte-level-components.js';
import { byteLevelDecoder } from '../components/decoders.js';
import { readNormalizer, readPostProcessor, readPreTokenizer } from '../components/tables.js';
import { describe, optionsError, TokenizerError } from '../errors.js';
import { JsonReader } from '../json/json-reader.js';
import { encoders } from '../load-document.js';
import { settle } from '../options.js';
import { cleanUpDecoder } from '../pipeline/clean-up.js';
import { chainDecoders } from '../pipeline/decode-stages.js';
import { endOfWordDecoder } from '../pipeline/end-of-word-decoder.js';
import type { Rewriter } from '../pipeline/stages.js';
import { stripDecoder } from '../pipeline/strip-decoder.js';
import { frame } from '../pipeline/template.js';
import { Tokenizer, type TokenizerParts } from '../tokenizer.js';
import { type ClipVocabulary, clipVocabulary, endOfWord } from './clip-vocabulary.js';
import { isAscii } from './ftfy/fix-encoding.js';
import { hfLayout, hfTokenizerConfig, hfTokenizerJson } from './hf-layout.js';
import { openaiEncoders } from './openai-encoder.js';
import { readClipMerges } from './read-merges.js';

export interface ClipTokenizerOptions {
  /**
   * Whose ids to give. `'openai'`, the default: openai/CLIP's own tokenizer, which repairs the text with ftfy and pads with 0. `'hf'`: that of
   * Hugging Face (transformers' CLIPTokenizerFast), which does not repair, and pads with the end token, 49407.
   */
  readonly compat?: 'openai' | 'hf';
  /** Another vocabulary: a merges file in the format of `bpe_simple_vocab_16e6.txt`, unpacked. CLIP's own by default. */
  readonly merges?: string | Uint8Array;
}

/**
 * CLIP's tokenizer with its vocabulary (Radford et al. 2021, arXiv 2103.00020, section 2.4): 49,408 tokens, begin 49406, end 49407, 77 ids per
 * text.
 *
 * `encodeBatch(texts, { padding: 'max', truncation: true })` is `clip.tokenize(texts, truncate=True)`; without truncation a long text throws
 * TOKENIZER_TOO_LONG, as the original raises. Throws TOKENIZER_OPTIONS, and TOKENIZER_FILE for a damaged merges file, naming the line.
 */
export function clipTokenizer(options: ClipTokenizerOptions = {}): Tokenizer {
  const { compat = 'openai', merges } = settle(options);
  if (compat !== 'openai' && compat !== 'hf') {
    throw optionsError(
      `compat is ${describe(compat)}, but only 'openai' and 'hf' are known.`,
      "Leave it out for openai/CLIP's ids, or pass 'hf' for those of transformers.",
    );
  }
  const clip = merges === undefined ? clipVocabulary() : readClipMerges(merges);
  return new Tokenizer({
    vocabulary: clip.vocabulary,
    specialIds: new Set([clip.startId, clip.endId]),
    truncationSide: 'right',
    modelMaxLength: 77,
    defaults: {},
    ...(compat === 'hf' ? hfParts(clip) : openaiParts(clip)),
  });
}

type CompatParts = Pick<TokenizerParts, 'encoder' | 'decoder' | 'template' | 'padding' | 'toJSON' | 'toConfigJSON'>;

/** simple_tokenizer.py, clip.py. */
function openaiParts(clip: ClipVocabulary): CompatParts {
  return {
    encoder: openaiEncoders(clip, new ByteLevelBpe({ ...clip, endOfWordSuffix: endOfWord })),
    decoder: chainDecoders([byteLevelDecoder, endOfWordDecoder(endOfWord)]),
    template: frame([clip.startId], [clip.endId]),
    padding: { id: 0, side: 'right', multiple: 1 },
    toJSON: notExpressible,
    toConfigJSON: notExpressible,
  };
}

/** The published tokenizer.json, of whose parts the model alone comes from elsewhere; text is decoded as transformers does it. */
function hfParts(clip: ClipVocabulary): CompatParts {
  const json = new JsonReader(hfLayout(clip), '');
  const { normalizers, preTokenizers, postProcessors } = byteLevelComponents;
  return {
    encoder: encoders(readAddedTokens(json.field('added_tokens')), new Set([clip.startId, clip.endId]), {
      normalizer: lowerAscii(readNormalizer(json.field('normalizer'), normalizers)!),
      stages: readPreTokenizer(json.field('pre_tokenizer'), preTokenizers).stages,
      model: new ByteLevelBpe({ ...clip, endOfWordSuffix: endOfWord, unknownId: clip.endId }),
    }),
    decoder: chainDecoders([byteLevelDecoder, endOfWordDecoder(endOfWord), stripDecoder, cleanUpDecoder()]),
    template: readPostProcessor(json.field('post_processor'), postProcessors)!,
    padding: { id: clip.endId, side: 'right', multiple: 1 },
    toJSON: () => hfTokenizerJson(clip),
    toConfigJSON: hfTokenizerConfig,
  };
}

/** ASCII has only its case to lose: it is composed, and the pre-tokenizer drops white space, one or many. */
function lowerAscii(normalizer: Rewriter): Rewriter {
  return { ...normalizer, apply: (text, atStart) => (isAscii(text) ? text.toLowerCase() : normalizer.apply(text, atStart)) };
}

function notExpressible(): never {
  throw new TokenizerError({
    code: 'TOKENIZER_NOT_EXPRESSIBLE',
    message: "openai/CLIP's cleaning (mojibake, HTML references, white space) has no component in a tokenizer.json.",
    fix: "Write that of clipTokenizer({ compat: 'hf' }), whose ids differ for such text, or call clipTokenizer() where the model is used.",
  });
}
