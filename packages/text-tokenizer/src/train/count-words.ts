import { throwIfAborted } from '@polymodal/modality-registry';
import type { Normalizer } from '../components/normalizer.js';
import type { WordSplitter } from '../components/pre-tokenizer.js';
import { describe, TokenizerError } from '../errors.js';

export type Lines = Iterable<string> | AsyncIterable<string>;

/** Work between two looks at the clock. */
const linesPerSlice = 512;

/** How often each word occurs; the corpus is streamed, only its distinct words are held. */
export async function countWords(
  lines: Lines,
  normalize: Normalizer,
  split: WordSplitter,
  { signal, onLines }: { signal?: AbortSignal | undefined; onLines: (done: number) => void },
): Promise<Map<string, number>> {
  if (typeof lines === 'string' || !(Symbol.iterator in Object(lines) || Symbol.asyncIterator in Object(lines))) {
    throw new TokenizerError({
      code: 'TOKENIZER_INPUT',
      message: `the lines to train on are ${describe(lines)}, but an iterable or async iterable of strings was expected.`,
      fix: 'Put a single text into an array.',
    });
  }
  const counts = new Map<string, number>();
  const count = (word: string) => counts.set(word, (counts.get(word) ?? 0) + 1);
  let done = 0;
  for await (const line of lines) {
    if (typeof line !== 'string') {
      throw new TokenizerError({
        code: 'TOKENIZER_INPUT',
        message: `line ${done} is ${describe(line)}, but a string was expected.`,
        fix: 'Leave it out.',
      });
    }
    split(normalize(line), count);
    if (++done % linesPerSlice === 0) {
      throwIfAborted(signal);
      onLines(done);
      await breathe();
    }
  }
  throwIfAborted(signal);
  onLines(done);
  return counts;
}

/** Gives timers and abort signals a turn. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
