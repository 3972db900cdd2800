import { inputError } from '../errors.js';

/** UTF-16 units that one step may add to a text: 32 times a megabyte. */
export const mostGrowth = 2 ** 25;
/** What engines hold in one string. */
const longest = 2 ** 29 - 24;

/** Throws TOKENIZER_INPUT before a text that a file's rules make longer and longer exhausts memory. */
export function checkGrowth(before: number, after: number): void {
  if (after - before <= mostGrowth && after <= longest) return;
  throw inputError(
    `the rules of the tokenizer make ${after} units of ${before}, but at most ${mostGrowth} may be added, and ${longest} be held.`,
    'Split the text into parts, or check where the tokenizer comes from.',
  );
}
