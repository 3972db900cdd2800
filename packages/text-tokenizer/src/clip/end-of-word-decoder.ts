import type { Decoder } from '../pipeline/decode-stages.js';
import { endOfWord } from './clip-vocabulary.js';

/** `</w>` becomes a space in the joined text, wherever it comes from; as a stream it holds back no more than a beginning of it. */
export const endOfWordDecoder: Decoder = () => {
  let held = '';
  return {
    push(piece, emit) {
      const text = (held + piece).replaceAll(endOfWord, ' ');
      let keep = Math.min(endOfWord.length - 1, text.length);
      while (keep > 0 && !text.endsWith(endOfWord.slice(0, keep))) keep--;
      held = text.slice(text.length - keep);
      emit(text.slice(0, text.length - keep));
    },
    flush(emit) {
      emit(held);
      held = '';
    },
  };
};
