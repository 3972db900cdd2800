import type { Dice } from './dice.js';

/** Values of the wrong kind, and spellings that hurt careless code. */
const junk: readonly unknown[] = [
  null, true, false, -1, 0, 1, 1.5, -0.5, 1e300, -1e300, 2147483647, 2147483648, 4294967296, 2 ** 53, '', ' ', 'x', '▁', '__proto__',
  'constructor', 'toString', 'hasOwnProperty', '(a+)+$', '(?:a|a)*b', '[', '(?<', '\\', '\\p{Nope}', '(?=a)*', '\ud800', '\u0000', [], [[]],
  ['a'], ['a', 1], ['a', 'b', 'c'], [null], {}, { type: 'constructor' }, { type: '__proto__' }, { type: 'Sequence' }, { Regex: '(?:a*)*' },
  { Regex: '\\p{Nope}' }, { Regex: '' }, { String: '' }, { Regex: '.*.*.*x' }, { type: 'Precompiled', precompiled_charsmap: '////' },
  'a '.repeat(2000), 'AAAA'.repeat(300),
]; // biome-ignore format: a list

/** The same document with one value somewhere replaced, left out, doubled or moved under another name. */
export function damageJson(value: unknown, dice: Dice): unknown {
  if (typeof value === 'number' && dice.chance(0.5))
    return dice.pick([-value, value + 1, value - 1, value * 1e9, value + 0.5, 2 ** 31 - 1, 2 ** 32]);
  if (typeof value === 'boolean' && dice.chance(0.5)) return !value;
  if (typeof value !== 'object' || value === null || dice.chance(0.06)) return dice.pick(junk);
  const keys = Object.keys(value);
  const key = dice.pick(keys);
  if (key === undefined) return dice.pick(junk);
  if (Array.isArray(value)) {
    const copy = [...value];
    const at = Number(key);
    const way = dice.next();
    if (way < 0.1) copy.splice(at, 1);
    else if (way < 0.2) copy.splice(at, 0, copy[dice.integer(copy.length)]);
    else copy[at] = damageJson(copy[at], dice);
    return copy;
  }
  const { [key]: old, ...rest } = value as Record<string, unknown>;
  const way = dice.next();
  if (way < 0.08) return rest;
  // Without the null prototype `__proto__` would set the prototype instead of becoming a key, as it becomes one in a file.
  if (way < 0.16) return Object.assign(Object.create(null), rest, { [dice.pick(['type', 'id', 'ids', 'vocab', 'constructor'])]: old });
  return { ...rest, [key]: damageJson(old, dice) };
}

const splices = [
  '0',
  '-1',
  '1e9',
  '1e308',
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '"__proto__"',
  '9007199254740993',
  '[[[[',
  '\u0000',
  '\n',
  ' ',
  '=',
  '\ud83d',
].map((text) => new TextEncoder().encode(text));

/** The same bytes with one to four of them flipped, replaced, cut off, taken out, repeated or written over. */
export function damageBytes(given: Uint8Array, dice: Dice): Uint8Array {
  let bytes = given.slice();
  const splice = (from: number, to: number, insert: Uint8Array) => {
    const spliced = new Uint8Array(bytes.length - (to - from) + insert.length);
    spliced.set(bytes.subarray(0, from));
    spliced.set(insert, from);
    spliced.set(bytes.subarray(to), from + insert.length);
    bytes = spliced;
  };
  for (let change = dice.integer(4); change >= 0; change--) {
    const at = dice.integer(bytes.length + 1);
    const end = Math.min(bytes.length, at + dice.integer(16));
    const way = dice.integer(6);
    if (way === 0 && at < bytes.length) bytes[at]! ^= 1 << dice.integer(8);
    else if (way === 1 && at < bytes.length) bytes[at] = dice.pick([0, 0x7f, 0x80, 0xff, dice.integer(256)]);
    else if (way === 2 && dice.chance(0.3)) bytes = bytes.slice(0, at);
    else if (way === 3) splice(at, end, new Uint8Array(0));
    else if (way === 4) splice(at, at, bytes.slice(at, end));
    else splice(at, end, dice.pick(splices));
  }
  return bytes;
}
