import { TokenizerError } from '../../src/errors.js';
import { loadTokenizer } from '../../src/load-tokenizer.js';
import type { Tokenizer } from '../../src/tokenizer.js';
import type { Dice } from './dice.js';

const nasty = [
  '',
  ' ',
  "A  test, isn't it?  <|img|> [MASK] <s></s> 你好 \ud83d\ude00\ud83d ",
  'e\u0301\u0301\u0345 İIıſẞΣσς ﬁ Ａ１ \u00a0\u3000\u2028\u0085\ufeff\t\r\n\n',
  '__proto__ constructor toString <0x41> <0xZZ> </w> ## ▁▁ Ġ',
  '\udc00\ud800 👩‍👩‍👧 🇩🇪 \u0000\u001b\uffff\u{10ffff} 1234567 a1b2',
  '한국어 ไทย हिन्दी עברית ｶﾞ がガ が',
];
const runs = ['a', ' ', '\u0301', '😀', '7', '▁', '\n', '\ud83d', '你', '.', 'ab ', "'s"];

class Broken extends Error {}

function check(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new Broken(message());
}

/** What must hold of whatever loads: ids are known, offsets lie in the text and cost no exactness, and decoding is one thing in all its forms. */
export function exercise(tokenizer: Tokenizer, dice: Dice, long: boolean): void {
  const texts = [dice.pick(nasty), dice.pick(nasty), nasty[2]!];
  const unit = dice.pick(runs);
  texts.push(unit.repeat(Math.ceil((long ? 20_000 : 60) / unit.length)));
  for (const text of texts) exerciseText(tokenizer, text, dice);
  attempt(() => tokenizer.encodeBatch(texts, { truncation: dice.chance(0.5) }));
  if (dice.chance(0.25)) exerciseFile(tokenizer);
}

/** What is written can be read, and has the same tokens. */
function exerciseFile(tokenizer: Tokenizer): void {
  const json = attempt(() => tokenizer.toJSON());
  if (json === undefined) return;
  const again = loadTokenizer(JSON.stringify(json), tokenizer.toConfigJSON());
  check(
    again.vocabularySize === tokenizer.vocabularySize,
    () => `written as tokenizer.json it has ${again.vocabularySize} tokens instead of ${tokenizer.vocabularySize}`,
  );
}

function exerciseText(tokenizer: Tokenizer, text: string, dice: Dice): void {
  const encoding = attempt(() => tokenizer.encode(text, { offsets: true }));
  if (encoding === undefined) return;
  const shown = JSON.stringify(text.slice(0, 80));
  const { ids, offsets = [], wordIds = [] } = encoding;
  const plain = tokenizer.encode(text).ids;
  check(ids.join() === plain.join(), () => `with offsets ${shown} has other ids: ${first(ids)} and ${first(plain)}`);
  check(offsets.length === ids.length && wordIds.length === ids.length, () => `${shown} has ${ids.length} ids, ${offsets.length} offsets`);
  for (const [start, end] of offsets) {
    check(0 <= start && start <= end && end <= text.length, () => `${shown} has the offset ${start} to ${end}`);
  }
  for (const id of ids) check(tokenizer.idToToken(id) !== undefined && id < tokenizer.vocabularySize, () => `${shown} gives the id ${id}`);

  const skipSpecialTokens = dice.chance(0.5);
  const whole = tokenizer.decode(ids, { skipSpecialTokens });
  const stream = tokenizer.decodeStream({ skipSpecialTokens });
  let parts = '';
  for (const id of ids) parts += stream.push(id);
  parts += stream.flush();
  check(
    parts === whole,
    () => `${shown} is decoded to ${JSON.stringify(whole.slice(0, 80))}, streamed ${JSON.stringify(parts.slice(0, 80))}`,
  );

  attempt(() => tokenizer.encode(text, { pair: 'a b', offsets: true }));
  const cut = attempt(() => tokenizer.encode(text, { truncation: true, maxLength: 12, overflow: true, stride: 2 }));
  for (const { ids: part } of cut === undefined ? [] : [cut, ...(cut.overflowing ?? [])]) {
    // A damaged template may hold the text twice or three times.
    check(part.length <= 36, () => `${shown} is cut to ${part.length} ids instead of 12`);
  }
}

/** What may be refused, as a text without any known token in a vocabulary without an unknown one. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof TokenizerError) return undefined;
    throw error;
  }
}

function first(ids: Int32Array): string {
  return `${ids.subarray(0, 12).join(' ')}${ids.length > 12 ? ' …' : ''}`;
}
