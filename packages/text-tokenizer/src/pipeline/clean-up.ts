import type { Decoder } from './decode-stages.js';

/** In this order, each over all of what the one before it left: taking out " ' " may leave a space before an `s`. */
const steps = [' .', ' ?', ' !', ' ,', " ' ", " n't", " 'm", " 's", " 've", " 're"].map((from) => ({ from, to: from.trim() }));
/** A space that is followed by anything else stays, whatever the steps do to its surroundings. */
const mayChange = / (?:[ .?!,'n]|$)/;

/**
 * Takes out the spaces that tokenization put before punctuation and English contractions (transformers, `clean_up_tokenization`), as a
 * stream: it holds back no more than beginnings of what it looks for.
 */
export function cleanUpDecoder(): Decoder {
  return () => {
    const held = steps.map(() => '');
    let holding = false;
    const run = (piece: string, last: boolean, emit: (piece: string) => void) => {
      let text = piece;
      holding = false;
      steps.forEach(({ from, to }, i) => {
        const whole = held[i] + text;
        let done = 0;
        text = '';
        for (let found = whole.indexOf(from); found >= 0; found = whole.indexOf(from, done)) {
          text += whole.slice(done, found) + to;
          done = found + from.length;
        }
        // Only what no match has used can begin the next one.
        let keep = last ? 0 : Math.min(from.length - 1, whole.length - done);
        while (keep > 0 && !whole.endsWith(from.slice(0, keep))) keep--;
        text += whole.slice(done, whole.length - keep);
        held[i] = whole.slice(whole.length - keep);
        holding ||= keep > 0;
      });
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
