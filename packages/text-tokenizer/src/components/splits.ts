import { characterLength } from '../characters.js';
import type { JsonReader } from '../json/json-reader.js';
import type { Splitter } from '../pipeline/stages.js';
import { literalPattern } from './pattern.js';
import { readBehavior, splitByPattern, splitting } from './split-pattern.js';
import type { PreTokenizer } from './tables.js';

/** One mark of punctuation: Unicode's P, and what ASCII calls so (among them $+<=>^`|~). */
export const punctuation = /[!-/:-@[-`{-~\p{P}]/gu;
/** What Rust's regular expressions take for a letter of a word. */
const word = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}';

export const bertPreTokenizer: PreTokenizer = {
  stages: [
    { split: /* @__PURE__ */ splitByPattern(/\p{White_Space}/gu, 'Removed') },
    { split: /* @__PURE__ */ splitByPattern(punctuation, 'Isolated') },
  ],
  byteLevel: false,
};

export const whitespaceSplit: PreTokenizer = /* @__PURE__ */ splitting(
  /* @__PURE__ */ splitByPattern(/\P{White_Space}+/gu, 'Removed', true),
);

/** Runs of letters and runs of anything else that is not white space. */
export const whitespace: PreTokenizer = /* @__PURE__ */ splitting(
  /* @__PURE__ */ splitByPattern(/* @__PURE__ */ new RegExp(`[${word}]+|[^${word}\\p{White_Space}]+`, 'gu'), 'Removed', true),
);

export function readPunctuation(json: JsonReader): PreTokenizer {
  return splitting(splitByPattern(punctuation, readBehavior(json.field('behavior'), 'Isolated')));
}

export function readCharDelimiterSplit(json: JsonReader): PreTokenizer {
  const delimiter = json.field('delimiter').string();
  if ([...delimiter].length !== 1) throw json.field('delimiter').wrong('one character');
  return splitting(splitByPattern(literalPattern(delimiter), 'Removed'));
}

/** Pieces of `length` code points. */
export function readFixedLength(json: JsonReader): PreTokenizer {
  const length = json.field('length').integer(5);
  if (length === 0) throw json.field('length').wrong('at least 1');
  return splitting(fixedLength(length));
}

function fixedLength(length: number): Splitter {
  return (text, emit) => {
    let start = 0;
    let count = 0;
    for (let at = 0; at < text.length; ) {
      at += characterLength(text, at);
      if (++count < length) continue;
      emit(start, at);
      start = at;
      count = 0;
    }
    if (start < text.length) emit(start, text.length);
  };
}
