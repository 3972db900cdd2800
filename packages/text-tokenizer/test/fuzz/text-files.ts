import type { Dice } from './dice.js';
import { byteAlphabet, hostileTokens, makeSymbols, makeWord } from './vocabulary.js';

const utf8 = new TextEncoder();

/** Lines of base64(bytes) and rank, most often all 256 bytes and some joins of them. */
export function makeTiktoken(dice: Dice): Uint8Array {
  const bytes = Array.from({ length: dice.chance(0.97) ? 256 : dice.integer(256) }, (_, byte) => Uint8Array.of(byte));
  const words = dice.some(60, () => utf8.encode(makeWord(dice))).filter((word) => word.length > 1);
  // Base 64 tells equal tokens; a file seldom repeats one.
  const all = [...bytes, ...words].map((token) => Buffer.from(token).toString('base64'));
  const tokens = dice.chance(0.97) ? [...new Set(all)] : all;
  const end = dice.pick(['\n', '\n', '\r\n']);
  const odd = dice.chance(0.2) ? dice.integer(tokens.length) : -1;
  const lines = tokens.map(
    (token, rank) => `${token} ${rank === odd ? dice.pick(['-1', '1e3', '', '99999999999', '0', 'x', '1 2']) : rank}`,
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
export function makeMergesTxt(dice: Dice): Uint8Array {
  const tokens = [...byteAlphabet, ...byteAlphabet.map((symbol) => `${symbol}</w>`)];
  const lines = dice.some(60, () => {
    const [left, right] = [dice.pick(tokens), dice.pick(tokens)];
    tokens.push(left + right);
    return `${left} ${right}`;
  });
  if (dice.chance(0.05)) lines.push(dice.pick(['not there', 'one', 'a b c', ' ', '__proto__ constructor', lines[0] ?? '']));
  const header = dice.pick(['#version: 0.2\n', '#version: 0.2\n', '']);
  return utf8.encode(header + lines.join('\n') + dice.pick(['', '\n']));
}

/** A vocab.json that suits such a file: its symbols and what its lines join, seldom without one of them. */
export function vocabOfMerges(merges: Uint8Array, dice: Dice): Readonly<Record<string, number>> {
  const tokens = new Set([
    ...byteAlphabet,
    ...byteAlphabet.map((symbol) => `${symbol}</w>`),
    '<|endoftext|>',
    '<|startoftext|>',
    '<s>',
    '</s>',
  ]);
  for (const line of new TextDecoder().decode(merges).split('\n')) {
    for (const token of line.split(' ')) tokens.add(token);
    tokens.add(line.replaceAll(' ', ''));
  }
  if (dice.chance(0.03)) tokens.delete(dice.pick([...tokens]));
  return Object.fromEntries([...tokens].map((token, id) => [token, id]));
}
