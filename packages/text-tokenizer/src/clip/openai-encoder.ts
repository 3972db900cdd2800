import type { ByteLevelBpe } from '../bpe/byte-level-bpe.js';
import { inputError, optionsError, type TokenizerError } from '../errors.js';
import type { IdBuffer } from '../id-buffer.js';
import type { EncodeOptions } from '../options.js';
import type { TextEncoder } from '../pipeline/text-encoder.js';
import { scanClip } from '../scan/clip.js';
import { cleanText } from './clean-text.js';
import { type ClipVocabulary, endOfText, startOfText } from './clip-vocabulary.js';
import { mayChange } from './ftfy/fix-text.js';

/**
 * CLIP's words after the special tokens. U+0345 is in no alternative: under IGNORECASE Python's regex module takes it for neither a letter nor
 * anything else, so the original drops it; and it takes ſ for an s.
 */
const ordinary = "'[sſ]|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|(?:(?!\\u0345)[^\\p{White_Space}\\p{L}\\p{N}])+";
const special = '<\\|[sſ]tartoftext\\|>|<\\|endoftext\\|>';

type SpecialTokens = NonNullable<EncodeOptions['specialTokens']>;

/** openai/CLIP's own way from text to ids (simple_tokenizer.py, encode), by what spellings of special tokens become. */
export function openaiEncoders(clip: ClipVocabulary, model: ByteLevelBpe): (mode: SpecialTokens) => TextEncoder {
  const made = new Map<SpecialTokens, TextEncoder>();
  return (mode) => {
    const encoder = made.get(mode) ?? openaiEncoder(clip, model, mode);
    made.set(mode, encoder);
    return encoder;
  };
}

function openaiEncoder({ startId, endId }: ClipVocabulary, model: ByteLevelBpe, mode: SpecialTokens): TextEncoder {
  // What the scanner, which is several times as fast as a regular expression, does not do as the original does.
  const unusual = mode === 'text' ? /[\u0345ſ]/ : /<\||[\u0345ſ]/;
  const words = new RegExp(mode === 'text' ? ordinary : `${special}|${ordinary}`, 'gu');
  let text = '';
  let out: IdBuffer;
  const emit = (start: number, end: number) => model.encodeWord(text, start, end, out);
  return {
    encode(raw, buffer) {
      out = buffer;
      text = mayChange(raw) ? cleanText(raw) : raw.toLowerCase();
      if (!unusual.test(text)) {
        scanClip(text, emit);
        return;
      }
      for (const { 0: word, index } of text.matchAll(words)) {
        if (mode === 'refuse' && (word === startOfText || word === endOfText)) throw refused(word);
        if (word === startOfText) out.push(startId);
        else if (word === endOfText) out.push(endId);
        else emit(index, index + word.length);
      }
    },
    trace() {
      throw optionsError(
        "offsets are not known after openai/CLIP's cleaning, which repairs and unescapes the text.",
        "Pass compat: 'hf' to clipTokenizer for offsets.",
      );
    },
  };
}

function refused(word: string): TokenizerError {
  return inputError(
    `the text holds the special token ${JSON.stringify(word)}, which specialTokens: 'refuse' forbids.`,
    "Take it out, or pass specialTokens: 'text' to encode it as ordinary text.",
  );
}
