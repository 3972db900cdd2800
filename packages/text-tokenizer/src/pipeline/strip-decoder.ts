import { strip, stripEnd } from '../python-strip.js';
import type { Decoder } from './decode-stages.js';

/** Leaves out the white space that the joined text begins and ends with (Python's `str.strip`); it holds back white space alone. */
export const stripDecoder: Decoder = () => {
  let started = false;
  let held = '';
  return {
    push(piece, emit) {
      const visible = stripEnd(piece);
      if (visible === '') {
        if (started) held += piece;
        return;
      }
      emit(started ? held + visible : strip(visible));
      held = piece.slice(visible.length);
      started = true;
    },
    flush() {
      started = false;
      held = '';
    },
  };
};
