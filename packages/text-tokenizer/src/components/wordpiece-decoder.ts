import type { JsonReader } from '../json/json-reader.js';
import type { Decoder } from '../pipeline/decode-stages.js';

/** Words with spaces between them; `prefix` marks a token that continues a word. */
export function readWordPieceDecoder(json: JsonReader): Decoder {
  return wordPieceDecoder(json.field('prefix').string('##'), json.field('cleanup').boolean(true));
}

export function wordPieceDecoder(prefix: string, cleanup: boolean): Decoder {
  return () => {
    let first = true;
    return {
      push(token, emit) {
        const text = first ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
        first = false;
        emit(cleanup ? cleanUp(text) : text);
      },
      flush() {
        first = true;
      },
    };
  };
}

/** What a CTC model says: repeated tokens are one, padding is nothing. */
export function readCtcDecoder(json: JsonReader): Decoder {
  const padding = json.field('pad_token').string('<pad>');
  const delimiter = json.field('word_delimiter_token').string('|');
  const cleanup = json.field('cleanup').boolean(true);
  return () => {
    let previous: string | undefined;
    return {
      push(token, emit) {
        if (token === previous) return;
        previous = token;
        const text = token.replaceAll(padding, '');
        const cleaned = cleanup ? cleanUp(text).replaceAll(delimiter, ' ') : text;
        if (cleaned !== '') emit(cleaned);
      },
      flush() {
        previous = undefined;
      },
    };
  };
}

const cleanUps = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
] as const;

/** English clean-up of one token (huggingface/tokenizers, decoders/wordpiece.rs). */
function cleanUp(text: string): string {
  return text.includes(' ') ? cleanUps.reduce((result, [from, to]) => result.replaceAll(from, to), text) : text;
}
