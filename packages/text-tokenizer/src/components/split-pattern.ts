import type { JsonReader } from '../json/json-reader.js';
import type { Splitter } from '../pipeline/stages.js';
import { eachMatch } from './pattern.js';
import type { PreTokenizer } from './tables.js';

const behaviors = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const;
export type SplitBehavior = (typeof behaviors)[number];

/** The files write "Isolated"; the Python bindings also accept "merged_with_previous". */
export function readBehavior(json: JsonReader, otherwise?: SplitBehavior): SplitBehavior {
  if (json.absent && otherwise !== undefined) return otherwise;
  const name = json.string().replaceAll('_', '').toLowerCase();
  const behavior = behaviors.find((candidate) => candidate.toLowerCase() === name);
  if (behavior === undefined) throw json.wrong(`one of ${behaviors.join(', ')}`);
  return behavior;
}

/** Splits at the matches of a global pattern (huggingface/tokenizers, NormalizedString::split); `invert` takes what lies between for the matches. */
export function splitByPattern(pattern: RegExp, behavior: SplitBehavior, invert = false): Splitter {
  if (behavior === 'Isolated' || (behavior === 'Removed' && invert)) return splitIntoMatches(pattern, behavior === 'Isolated');
  return (text, emit) => {
    let start = 0;
    let end = 0;
    // The piece that is open, and whether its last part is a delimiter.
    let delimiter: boolean | undefined;
    const add = (to: number, matches: boolean) => {
      const next = matches !== invert;
      const joins =
        delimiter !== undefined &&
        ((behavior === 'MergedWithPrevious' && next && !delimiter) ||
          (behavior === 'MergedWithNext' && delimiter && !next) ||
          (behavior === 'Contiguous' && next === delimiter));
      if (!joins) {
        close();
        start = end;
      }
      delimiter = next;
      end = to;
    };
    const close = () => {
      if (start < end && !(behavior === 'Removed' && delimiter === true)) emit(start, end);
    };
    eachMatch(text, pattern, (from, to) => {
      if (from > end) add(from, false);
      add(to, true);
    });
    if (end < text.length) add(text.length, false);
    close();
  };
}

/** Matches are pieces, and with `gaps` so is what lies between them. */
function splitIntoMatches(pattern: RegExp, gaps: boolean): Splitter {
  return (text, emit) => {
    // One call for all matches is several times faster than one call for each, and most patterns cover the text.
    const matches = text.match(pattern) ?? [];
    let length = 0;
    for (const match of matches) length += match.length;
    if (length === text.length) {
      let start = 0;
      for (const match of matches) {
        const end = start + match.length;
        if (start < end) emit(start, end);
        start = end;
      }
      return;
    }
    let done = 0;
    eachMatch(text, pattern, (start, end) => {
      if (gaps && start > done) emit(done, start);
      if (start < end) emit(start, end);
      done = end;
    });
    if (gaps && done < text.length) emit(done, text.length);
  };
}

/** A pre-tokenizer that only splits. */
export function splitting(split: Splitter): PreTokenizer {
  return { stages: [{ split }], byteLevel: false };
}
