import { allCases, type Cursor, literal, readEscape, readPosixClass } from './regex-escape.js';

/** A character class: the intersection of unions, perhaps negated. */
interface CharacterClass {
  readonly negated: boolean;
  readonly unions: readonly Union[];
}

/** Characters as the inside of a JavaScript class, and classes that cannot be written so. */
interface Union {
  readonly simple: string;
  readonly nested: readonly CharacterClass[];
}

const deepest = 16;

/** Translates the character class whose bracket was just taken: nested classes, `&&` and POSIX brackets included (Oniguruma, doc/RE). */
export function translateClass(cursor: Cursor, ignoreCase: boolean): string {
  return atom(readClass(cursor, ignoreCase, 0));
}

/**
 * JavaScript has no set operations that all engines know, so they become lookaheads, of which each matches in one way only: no
 * backtracking comes of it.
 */
function atom(set: CharacterClass): string {
  const only = simpleOf(set);
  return only === undefined ? `(?:${assertion(set)}[^])` : `[${set.negated ? '^' : ''}${only}]`;
}

function assertion(set: CharacterClass): string {
  const all = set.unions
    .map(({ simple, nested }) => `(?=${[...(simple === '' ? [] : [`[${simple}]`]), ...nested.map(assertion)].join('|')})`)
    .join('');
  return set.negated ? `(?!${all})` : all;
}

/** The inside of a class that needs no set operations. */
function simpleOf({ unions }: CharacterClass): string | undefined {
  return unions.length === 1 && unions[0]!.nested.length === 0 ? unions[0]!.simple : undefined;
}

function readClass(cursor: Cursor, ignoreCase: boolean, depth: number): CharacterClass {
  if (depth > deepest) throw cursor.unsupported(`nests more than ${deepest} character classes`);
  const negated = cursor.match(/\^/y) !== undefined;
  const unions: Union[] = [];
  let simple = '';
  let nested: CharacterClass[] = [];
  const add = (set: CharacterClass) => {
    const inside = set.negated ? undefined : simpleOf(set);
    if (inside === undefined) nested.push(set);
    else simple += inside;
  };
  const close = () => {
    // An empty union matches nothing.
    unions.push({ simple: simple === '' && nested.length === 0 ? '^\\0-\\u{10ffff}' : simple, nested });
    simple = '';
    nested = [];
  };
  for (let first = true; ; first = false) {
    if (cursor.ended) throw cursor.unsupported('has an unclosed character class');
    if (cursor.startsWith('[')) {
      const posix = readPosixClass(cursor);
      if (posix === undefined) cursor.at++;
      add(posix === undefined ? readClass(cursor, ignoreCase, depth + 1) : ofSet(posix));
      continue;
    }
    if (cursor.match(/&&/y)) {
      close();
      continue;
    }
    if (!first && cursor.match(/\]/y)) break;
    const item = readItem(cursor);
    if ('other' in item) throw cursor.unsupported('has an anchor in a character class');
    if ('set' in item) {
      add(ofSet(ignoreCase ? { ...item, set: foldedSet(item.set, cursor) } : item));
    } else simple += readRange(cursor, item.code, ignoreCase);
  }
  close();
  return { negated, unions };
}

function ofSet({ set, negated }: { readonly set: string; readonly negated: boolean }): CharacterClass {
  return { negated, unions: [{ simple: set, nested: [] }] };
}

/** U+0345 is a mark, but folds to a letter; the other sets here hold all cases of what they hold. */
function foldedSet(set: string, cursor: Cursor): string {
  if (set === '\\p{L}') return `${set}\u0345`;
  if (!/^\\[pP]\{(?:White_Space|Nd?|P|S|Z)\}$/.test(set)) throw cursor.unsupported('ignores the case of a property in a character class');
  return set;
}

function readItem(cursor: Cursor): ReturnType<typeof readEscape> {
  const character = cursor.take();
  return character === '\\' ? readEscape(cursor, true) : { code: character.codePointAt(0)! };
}

/** The character or, where a hyphen and another follow, the range that begins with `low`. */
function readRange(cursor: Cursor, low: number, ignoreCase: boolean): string {
  if (!cursor.match(/-(?=[^\][])/y)) return ignoreCase ? allCases(low, cursor) : literal(low);
  const end = readItem(cursor);
  if (!('code' in end) || end.code < low) throw cursor.unsupported(`has a range without an end at character ${cursor.at}`);
  const high = end.code;
  if (!ignoreCase) return `${literal(low)}-${literal(high)}`;
  if (high > 0x7f) throw cursor.unsupported('ignores the case of a range beyond ASCII');
  let out = '';
  for (let code = low; code <= high; code++) out += allCases(code, cursor);
  return out;
}
