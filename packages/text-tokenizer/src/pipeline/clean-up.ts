import type { Decoder } from './decode-stages.js';
import { StreamedReplacement } from './streamed-replacement.js';

/** In this order, each over all of what the one before it left: taking out " ' " may leave a space before an `s`. */
const taken = [' .', ' ?', ' !', ' ,', " ' ", " n't", " 'm", " 's", " 've", " 're"];
/** A space that is followed by anything else stays, whatever the steps do to its surroundings. */
const mayChange = / (?:[ .?!,'n]|$)/;

/**
 * Takes out the spaces that tokenization put before punctuation and English contractions (transformers, `clean_up_tokenization`), as a
 * stream: it holds back no more than beginnings of what it looks for.
 */
export function cleanUpDecoder(): Decoder {
  return () => {
    const steps = taken.map((from) => new StreamedReplacement(from, from.trim()));
    let holding = false;
    const run = (piece: string, last: boolean, emit: (piece: string) => void) => {
      const text = steps.reduce((rest, step) => step.next(rest, last), piece);
      holding = steps.some((step) => step.held !== '');
      if (text !== '') emit(text);
    };
    return {
      push(piece, emit) {
        if (holding || mayChange.test(piece)) run(piece, false, emit);
        else emit(piece);
      },
      flush: (emit) => run('', true, emit),
    };
  };
}
