import type { Dice } from './dice.js';
import { hostileTokens, makeSymbols, makeWord } from './vocabulary.js';

const utf8 = new TextEncoder();

/** Lines of base64(bytes) and rank, most often all 256 bytes and some joins of them. */
export function makeTiktoken(dice: Dice): Uint8Array {
  const tokens: Uint8Array[] = Array.from({ length: dice.chance(0.9) ? 256 : dice.integer(256) }, (_, byte) => Uint8Array.of(byte));
  tokens.push(...dice.some(60, () => utf8.encode(makeWord(dice))));
  const end = dice.pick(['\n', '\n', '\r\n']);
  const lines = tokens.map(
    (token, rank) =>
      `${Buffer.from(token).toString('base64')} ${dice.chance(0.003) ? dice.pick(['-1', '1e3', '', '99999999999', '0', 'x', '1 2']) : rank}`,
  );
  return utf8.encode(lines.join(end) + dice.pick(['', end, end + end]));
}

/** A token per line; its line is its id. */
export function makeVocabTxt(dice: Dice): Uint8Array {
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].filter(() => dice.chance(0.95));
  const tokens = [...special, ...makeSymbols(dice), ...dice.some(40, () => makeWord(dice)), ...dice.some(40, () => `##${makeWord(dice)}`), ...dice.some(3, () => dice.pick(hostileTokens))]; // biome-ignore format: one line
  const end = dice.pick(['\n', '\n', '\r\n']);
  return utf8.encode((dice.chance(0.7) ? [...new Set(tokens)] : tokens).join(end) + dice.pick(['', end]));
}

/** A header, then two tokens per line, by rank. */
export function makeMergesTxt(dice: Dice): { readonly merges: Uint8Array; readonly vocab: Record<string, number> } {
  const tokens = makeSymbols(dice);
  const lines = dice.some(60, () => {
    const [left, right] = [dice.pick(tokens), dice.pick(tokens)];
    tokens.push(left + right);
    return `${left} ${right}`;
  });
  if (dice.chance(0.05)) lines.push(dice.pick(['not there', 'one', 'a b c', '', '__proto__ constructor']));
  const header = dice.pick(['#version: 0.2\n', '#version: 0.2\n', '']);
  return {
    merges: utf8.encode(header + lines.join('\n') + dice.pick(['', '\n'])),
    vocab: Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id])),
  };
}
