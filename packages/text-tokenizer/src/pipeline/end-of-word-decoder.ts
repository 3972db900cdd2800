import type { Decoder } from './decode-stages.js';

/** `suffix`, such as CLIP's `</w>`, becomes a space in the joined text; as a stream it holds back no more than a beginning of it. */
export const endOfWordDecoder =
  (suffix: string): Decoder =>
  () => {
    let held = '';
    return {
      push(piece, emit) {
        const text = (held + piece).replaceAll(suffix, ' ');
        let keep = Math.min(suffix.length - 1, text.length);
        while (keep > 0 && !text.endsWith(suffix.slice(0, keep))) keep--;
        held = text.slice(text.length - keep);
        emit(text.slice(0, text.length - keep));
      },
      flush(emit) {
        emit(held);
        held = '';
      },
    };
  };
