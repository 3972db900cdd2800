import { describe, inputError } from '../errors.js';
import type { Pace } from './pace.js';

export type Lines = Iterable<string> | AsyncIterable<string>;

/** Tells the words of a line, as the tokenizer that is being trained will see them. */
export type LineWords = (line: string, emit: (word: string) => void) => void;

/** Words are held by weight: one of up to this many UTF-16 units counts once against the limit, a longer one several times. */
const unitsPerWord = 64;
/** Engines keep the whole line alive for the sake of a part that is at least this long. */
const longestCopied = 13;

/**
 * How often each word occurs. The corpus is streamed, only its distinct words are held; when their number passes `maximumWords`, the rarest
 * are forgotten, at least a quarter of all, and count from nothing when they come again (as word2vec does it). So what is frequent stays
 * exact or nearly so, and memory is bounded whatever the corpus.
 *
 * Throws TOKENIZER_INPUT for lines that are not strings, naming the line.
 */
export async function countWords(lines: Lines, words: LineWords, maximumWords: number, pace: Pace): Promise<Map<string, number>> {
  if (typeof lines === 'string' || !(Symbol.iterator in Object(lines) || Symbol.asyncIterator in Object(lines))) {
    throw inputError(
      `the lines to train on are ${describe(lines)}, but an iterable or async iterable of strings was expected.`,
      'Put a single text into an array.',
    );
  }
  const stage = 'counting words';
  const counts = new Map<string, number>();
  let held = 0;
  let done = 0;
  const count = (word: string) => {
    const before = counts.get(word);
    if (before !== undefined) {
      counts.set(word, before + 1);
      return;
    }
    counts.set(word.length < longestCopied ? word : word.split('').join(''), 1);
    held += weight(word);
  };
  for await (const line of lines) {
    if (typeof line !== 'string') {
      throw inputError(`line ${done} is ${describe(line)}, but a string was expected.`, 'Leave it out.');
    }
    words(line, count);
    done++;
    if (held > maximumWords) held = await forgetRarest(counts, maximumWords, () => (pace.due ? pace.rest({ done, stage }) : undefined));
    if (pace.due) await pace.rest({ done, stage });
  }
  pace.report({ done, stage });
  return counts;
}

function weight(word: string): number {
  return 1 + Math.floor(word.length / unitsPerWord);
}

/** Counts up to this are told apart when the threshold is chosen. */
const tallied = 1 << 16;

/** Leaves at most three quarters of `limit`, and no word that is as rare as one that went; returns the weight of what is left. */
async function forgetRarest(counts: Map<string, number>, limit: number, breathe: () => Promise<void> | undefined): Promise<number> {
  const weights = new Float64Array(tallied + 1);
  for (const [word, count] of counts) weights[Math.min(count, tallied)]! += weight(word);
  let held = weights.reduce((sum, of) => sum + of, 0);
  let threshold = 0;
  while (held > limit * 0.75) held -= weights[++threshold]!;
  let visited = 0;
  for (const [word, count] of counts) {
    if (Math.min(count, tallied) <= threshold) counts.delete(word);
    if ((++visited & 4095) === 0) await breathe();
  }
  return held;
}
