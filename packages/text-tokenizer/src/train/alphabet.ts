import type { Pace } from './pace.js';

/** The characters of the counted words with their counts. */
export async function countCharacters(words: ReadonlyMap<string, number>, pace: Pace): Promise<Map<string, number>> {
  const stage = 'counting characters';
  const total = words.size;
  const counts = new Map<string, number>();
  let done = 0;
  for (const [word, count] of words) {
    for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count);
    if ((++done & 255) === 0 && pace.due) await pace.rest({ done, total, stage });
  }
  pace.report({ done, total, stage });
  return counts;
}

/**
 * The most frequent characters, until they cover `coverage` of the text (1 for all) or are `most`, ties to the smaller code point; and those
 * of `always`, even where the text has none. In the order of their code points, as huggingface/tokenizers sorts its alphabet, so that ties
 * between merges fall as theirs do.
 */
export function chooseAlphabet(
  counts: ReadonlyMap<string, number>,
  { coverage = 1, most = counts.size, always = '' }: { readonly coverage?: number; readonly most?: number; readonly always?: string },
): string[] {
  const code = (character: string) => character.codePointAt(0)!;
  const byFrequency = [...counts].sort(([a, m], [b, n]) => n - m || code(a) - code(b));
  const total = byFrequency.reduce((sum, [, count]) => sum + count, 0);
  let covered = 0;
  const chosen: string[] = [];
  for (const [character, count] of byFrequency) {
    if (covered >= coverage * total || chosen.length >= most) break;
    covered += count;
    chosen.push(character);
  }
  return [...new Set([...chosen, ...always])].sort((a, b) => code(a) - code(b));
}
