import type { Dice } from './dice.js';

/** GPT-2's byte alphabet (Radford et al. 2019, encoder.py), written down a second time so that the fuzz does not lean on what it tests. */
export const byteAlphabet: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const own = (code: number) => (code >= 33 && code <= 126) || (code >= 161 && code <= 172) || code >= 174;
  let before = 0;
  for (let code = 0; code < byte; code++) if (!own(code)) before++;
  return String.fromCharCode(own(byte) ? byte : 256 + before);
});

/** Tokens that hurt careless code. */
export const hostileTokens = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '', ' ', '\u0000', '\ud800', '▁', '##', '##a', '</w>', 'a b', '\n', '😀', '<0x41>', '<0xZZ>', '<unk>', 'İ', 'ß']; // biome-ignore format: a list

const letters = [...'abcdehinorst ▁Ġ', '你', 'é', '́', '😀', '1', '2', '.', ',', "'"]; // biome-ignore format: a list

export function makeWord(dice: Dice): string {
  return Array.from({ length: 1 + dice.integer(4) }, () => dice.pick(letters)).join('');
}

/** Distinct single symbols: the byte alphabet, or letters and byte tokens, or few. */
export function makeSymbols(dice: Dice): string[] {
  const way = dice.next();
  if (way < 0.6) return [...byteAlphabet];
  const some = [...letters, ...dice.some(6, () => dice.pick(hostileTokens))];
  if (way < 0.8) for (let byte = 0; byte < 256; byte++) some.push(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  return [...new Set(some)].filter((token) => token !== '');
}
