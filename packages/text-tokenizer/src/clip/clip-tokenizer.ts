import { ByteLevelBpe } from '../bpe/byte-level-bpe.js';
import { byteLevelDecoder } from '../components/decoders.js';
import { TokenizerError } from '../errors.js';
import { chainDecoders } from '../pipeline/decode-stages.js';
import { frame } from '../pipeline/template.js';
import { Tokenizer } from '../tokenizer.js';
import { cleanText } from './clean-text.js';
import { clipVocabulary, endOfText, endOfWord, startOfText } from './clip-vocabulary.js';
import { endOfWordDecoder } from './end-of-word-decoder.js';

export interface ClipTokenizerOptions {
  /** Whose ids to give: those of openai/CLIP's own tokenizer (its padding id is 0). */
  readonly compat?: 'openai';
}

/**
 * CLIP's words. U+0345 is in no alternative: under IGNORECASE Python's regex module takes it for neither a letter nor anything else, so the
 * original drops it.
 */
const words = /<\|startoftext\|>|<\|endoftext\|>|'[sſ]|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|(?:(?!\u0345)[^\p{White_Space}\p{L}\p{N}])+/gu;

/**
 * CLIP's tokenizer with its vocabulary (openai/CLIP simple_tokenizer.py; Radford et al. 2021, arXiv 2103.00020, section 2.4): 49,408 tokens,
 * begin 49406, end 49407, 77 ids per text, padded with 0.
 *
 * `encodeBatch(texts, { padding: 'max', truncation: true })` is `clip.tokenize(texts, truncate=True)`; without truncation a long text throws
 * TOKENIZER_TOO_LONG, as the original raises.
 */
export function clipTokenizer({ compat = 'openai' }: ClipTokenizerOptions = {}): Tokenizer {
  if (compat !== 'openai') {
    throw new TokenizerError({
      code: 'TOKENIZER_OPTIONS',
      message: `compat is ${JSON.stringify(compat)}, but only 'openai' is known.`,
      fix: 'Load the tokenizer.json of a Hugging Face folder with loadTokenizer.',
    });
  }
  const { vocabulary, pairs } = clipVocabulary();
  const model = new ByteLevelBpe({ vocabulary, pairs, endOfWordSuffix: endOfWord });
  const start = vocabulary.id(startOfText)!;
  const end = vocabulary.id(endOfText)!;
  return new Tokenizer({
    vocabulary,
    encoder: () => ({
      encode(text, out) {
        for (const word of cleanText(text).match(words) ?? []) {
          if (word === startOfText) out.push(start);
          else if (word === endOfText) out.push(end);
          else model.encodeWord(word, 0, word.length, out);
        }
      },
      trace: noOffsets,
    }),
    decoder: chainDecoders([byteLevelDecoder, endOfWordDecoder]),
    template: frame([start], [end]),
    specialIds: new Set([start, end]),
    padding: { id: 0, side: 'right', multiple: 1 },
    truncationSide: 'right',
    modelMaxLength: 77,
    defaults: {},
    toJSON: notExpressible,
    toConfigJSON: notExpressible,
  });
}

function notExpressible(): never {
  throw new TokenizerError({
    code: 'TOKENIZER_NOT_EXPRESSIBLE',
    message: "openai/CLIP's cleaning (HTML references, white space) has no component in a tokenizer.json, so a file would give other ids.",
    fix: 'Ship the tokenizer.json of a Hugging Face CLIP folder, or call clipTokenizer() where the model is used.',
  });
}

function noOffsets(): never {
  throw new TokenizerError({
    code: 'TOKENIZER_OPTIONS',
    message: "offsets are not known after openai/CLIP's cleaning, which repairs and unescapes the text.",
    fix: "Pass compat: 'hf' for offsets.",
  });
}
