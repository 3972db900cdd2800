import { strip } from '../python-strip.js';

const replacement = '\ufffd';
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** The words of some ids, and the ids of each word: two arrays of one length. */
export interface WordTokens {
  readonly words: readonly string[];
  readonly wordTokens: readonly (readonly number[])[];
}

/** Cuts wherever the bytes so far are whole characters. `decode` is told ids and gives their text, U+FFFD for broken UTF-8. */
export function splitOnUnicode(ids: readonly number[], decode: (ids: readonly number[]) => string): WordTokens {
  const full = Array.from(decode(ids));
  const words: string[] = [];
  const wordTokens: number[][] = [];
  let current: number[] = [];
  /** Those of the current ids that have a text, and that text. */
  let spelled: number[] = [];
  let text = '';
  let offset = 0;
  for (const id of ids) {
    current.push(id);
    if (decode([id]) !== '') {
      spelled.push(id);
      text = decode(spelled);
    }
    const characters = Array.from(text);
    const broken = characters.indexOf(replacement);
    // A broken character ends a word only where the text as a whole is broken too.
    if (broken < 0 || full[offset + broken] === replacement) {
      words.push(text);
      wordTokens.push(current);
      offset += characters.length;
      current = [];
      spelled = [];
      text = '';
    } else if (broken < characters.length - 1) {
      // No id to come can mend it: here the original collects ids in vain until the end, and drops them.
      break;
    }
  }
  return { words, wordTokens };
}

/** Joins what `splitOnUnicode` gives to words that begin with a space; special tokens and punctuation stand alone. */
export function splitOnSpaces({ words: pieces, wordTokens: pieceTokens }: WordTokens, eot: number): WordTokens {
  const words: string[] = [];
  const wordTokens: number[][] = [];
  pieces.forEach((piece, i) => {
    const tokens = pieceTokens[i]!;
    // As in Python, any part of the list of punctuation counts, and the empty text too.
    if (tokens[0]! >= eot || piece.startsWith(' ') || punctuation.includes(strip(piece)) || words.length === 0) {
      words.push(piece);
      wordTokens.push([...tokens]);
    } else {
      words[words.length - 1] += piece;
      wordTokens.at(-1)!.push(...tokens);
    }
  });
  return { words, wordTokens };
}
