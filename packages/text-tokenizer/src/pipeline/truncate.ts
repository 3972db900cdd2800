import { optionsError, TokenizerError } from '../errors.js';

/** Which text gives way when a pair is too long; `longest-first` takes from the longer one. */
export type TruncationStrategy = 'longest-first' | 'only-first' | 'only-second';

/** How many ids of the first and of the second text stay, of `limit` in all (huggingface/tokenizers, utils/truncation.rs). */
export function sharedLengths(
  first: number,
  second: number | undefined,
  limit: number,
  strategy: TruncationStrategy,
): readonly [first: number, second: number] {
  const total = first + (second ?? 0);
  if (total <= limit) return [first, second ?? 0];
  if (strategy === 'longest-first') {
    if (second === undefined) return [limit, 0];
    let shorter = Math.min(first, second);
    let longer = shorter > limit ? shorter : Math.max(shorter, limit - shorter);
    if (shorter + longer > limit) {
      shorter = Math.floor(limit / 2);
      longer = shorter + (limit % 2);
    }
    return first > second ? [longer, shorter] : [shorter, longer];
  }
  const target = strategy === 'only-first' ? first : second;
  const kept = (target ?? 0) - (total - limit);
  if (target === undefined || kept <= 0) {
    throw new TokenizerError({
      code: 'TOKENIZER_TOO_LONG',
      message:
        target === undefined
          ? "truncation is 'only-second', but there is no second text."
          : `truncation is '${strategy}', but ${total - limit} ids are too many and that text has only ${target}.`,
      fix: "Raise maxLength, or pass truncation: 'longest-first'.",
    });
  }
  return strategy === 'only-first' ? [kept, second ?? 0] : [first, kept];
}

/**
 * Windows of `size` ids over `length`, each sharing `stride` ids with the one before; the first is what stays, the others overflow.
 * Throws TOKENIZER_OPTIONS when the stride leaves no way forward.
 */
export function windows(length: number, size: number, stride: number, side: 'left' | 'right'): readonly (readonly [number, number])[] {
  if (size >= length) return [[0, length]];
  // Nothing stays, and all of it overflows.
  if (size === 0)
    return [
      [0, 0],
      [0, length],
    ];
  if (stride >= size) {
    throw optionsError(
      `stride is ${stride}, but a number below the ${size} ids of a part was expected.`,
      'Lower stride, or raise maxLength.',
    );
  }
  const ranges: [number, number][] = [];
  for (let moved = 0; ; moved += size - stride) {
    const end = Math.min(length, moved + size);
    ranges.push(side === 'right' ? [moved, end] : [length - end, length - moved]);
    if (end === length) return ranges;
  }
}
