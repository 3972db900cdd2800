import type { Decoder } from './decode-stages.js';
import { StreamedReplacement } from './streamed-replacement.js';

/** `suffix`, such as CLIP's `</w>`, becomes a space in the joined text. */
export const endOfWordDecoder =
  (suffix: string): Decoder =>
  () => {
    const spaces = new StreamedReplacement(suffix, ' ');
    return {
      push: (piece, emit) => emit(spaces.next(piece)),
      flush: (emit) => emit(spaces.next('', true)),
    };
  };
