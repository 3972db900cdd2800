import type { JsonReader } from '../json/json-reader.js';
import { readPattern } from './pattern.js';

/** Splits text into words; BPE never merges across their borders. */
export type WordSplitter = (text: string, emit: (word: string) => void) => void;

const known = ['ByteLevel', 'Split', 'Sequence'];
const behaviors = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const;
type Behavior = (typeof behaviors)[number];

/** GPT-2's pattern (Radford et al. 2019, encoder.py); Oniguruma's \s is the White_Space property, which JavaScript's is not. */
const gpt2Pattern =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

export interface PreTokenizer {
  readonly split: WordSplitter;
  /** Words reach the model as UTF-8 bytes, because a ByteLevel component is the last one. */
  readonly byteLevel: boolean;
}

/** Compiles `pre_tokenizer` of a tokenizer.json; throws TOKENIZER_UNSUPPORTED for a type it does not know. */
export function readPreTokenizer(json: JsonReader): PreTokenizer | undefined {
  if (json.absent) return undefined;
  switch (json.type()) {
    case 'ByteLevel':
      return { split: byteLevelSplitter(json), byteLevel: true };
    case 'Split':
      return { split: patternSplitter(json), byteLevel: false };
    case 'Sequence': {
      const parts = json
        .field('pretokenizers')
        .array(64)
        .flatMap((item) => readPreTokenizer(item) ?? []);
      const early = parts.slice(0, -1).findIndex((part) => part.byteLevel);
      if (early >= 0) throw json.error(`has a ByteLevel component at place ${early}, but only the last one may be.`);
      return { split: chain(parts.map((part) => part.split)), byteLevel: parts.at(-1)?.byteLevel ?? false };
    }
    default:
      throw json.unsupported('pre-tokenizer', known);
  }
}

function chain(splitters: readonly WordSplitter[]): WordSplitter {
  return splitters.reduceRight<WordSplitter>(
    (inner, outer) => (text, emit) => outer(text, (piece) => inner(piece, emit)),
    (text, emit) => emit(text),
  );
}

function byteLevelSplitter(json: JsonReader): WordSplitter {
  const addPrefixSpace = json.field('add_prefix_space').boolean(true);
  const useRegex = json.field('use_regex').boolean(true);
  return (text, emit) => {
    const prefixed = addPrefixSpace && text !== '' && !text.startsWith(' ') ? ` ${text}` : text;
    if (useRegex) for (const word of prefixed.match(gpt2Pattern) ?? []) emit(word);
    else if (prefixed !== '') emit(prefixed);
  };
}

function patternSplitter(json: JsonReader): WordSplitter {
  const pattern = readPattern(json.field('pattern'));
  const name = json.field('behavior').string();
  // The files write "Isolated"; the Python bindings also accept "merged_with_previous".
  const behavior = behaviors.find((candidate) => candidate.toLowerCase() === name.replaceAll('_', '').toLowerCase());
  if (behavior === undefined) throw json.field('behavior').wrong(`one of ${behaviors.join(', ')}`);
  const invert = json.field('invert').boolean(false);
  return (text, emit) => splitByPattern(text, pattern, behavior, invert, emit);
}

function splitByPattern(text: string, pattern: RegExp, behavior: Behavior, invert: boolean, emit: (word: string) => void): void {
  if (behavior === 'Removed' && invert) {
    for (const word of text.match(pattern) ?? []) if (word !== '') emit(word);
    return;
  }
  // Pieces that cover the text, by their ends; `delimiters[i]` says whether the pattern matched.
  const ends: number[] = [];
  const delimiters: boolean[] = [];
  const add = (end: number, delimiter: boolean) => {
    if (end === (ends.at(-1) ?? 0)) return;
    ends.push(end);
    delimiters.push(delimiter !== invert);
  };
  for (const match of text.matchAll(pattern)) {
    if (match[0] === '') continue;
    add(match.index, false);
    add(match.index + match[0].length, true);
  }
  add(text.length, false);
  let start = 0;
  for (let i = 0; i < ends.length; i++) {
    const delimiter = delimiters[i]!;
    const next = delimiters[i + 1];
    const joinsNext =
      next !== undefined &&
      ((behavior === 'MergedWithPrevious' && next && !delimiter) ||
        (behavior === 'MergedWithNext' && delimiter && !next) ||
        (behavior === 'Contiguous' && next === delimiter));
    if (joinsNext) continue;
    if (!(behavior === 'Removed' && delimiter)) emit(text.slice(start, ends[i]));
    start = ends[i]!;
  }
}
