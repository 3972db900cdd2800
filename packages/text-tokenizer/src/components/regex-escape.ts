import { TokenizerError } from '../errors.js';
import type { JsonReader } from '../json/json-reader.js';

/** Reads a regular expression from left to right. */
export class Cursor {
  at = 0;

  constructor(
    readonly source: string,
    readonly json: JsonReader,
  ) {}

  get ended(): boolean {
    return this.at >= this.source.length;
  }

  take(): string {
    const character = String.fromCodePoint(this.source.codePointAt(this.at)!);
    this.at += character.length;
    return character;
  }

  startsWith(text: string): boolean {
    return this.source.startsWith(text, this.at);
  }

  /** Takes what a sticky pattern matches here. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.source) ?? undefined;
    if (match !== undefined) this.at += match[0].length;
    return match;
  }

  unsupported(message: string, cause?: unknown): TokenizerError {
    return new TokenizerError({
      code: 'TOKENIZER_UNSUPPORTED',
      message: `${this.json.path} is a regular expression that ${message}.`,
      fix: 'Rewrite it without that construct.',
      cause,
    });
  }
}

/** What a backslash makes: one character, a set of them (as the inside of a JavaScript class), or something that is no character. */
export type Escape = { readonly code: number } | { readonly set: string; readonly negated: boolean } | { readonly other: string };

const word = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}';
/** Outside of classes it holds the superscripts and fractions of Latin-1, by an oversight that the ids depend on. */
const bareWord = `${word}²³¹¼½¾`;
/** What Oniguruma's shorthand and POSIX classes mean in Unicode mode; JavaScript's \s, \d and \w are other sets. */
const sets: Readonly<Record<string, string>> = {
  alnum: '\\p{Alphabetic}\\p{Nd}',
  alpha: '\\p{Alphabetic}',
  blank: '\\p{Zs}\\t',
  cntrl: '\\p{Cc}',
  digit: '\\p{Nd}',
  lower: '\\p{Lowercase}',
  punct: '\\p{P}\\p{S}',
  space: '\\p{White_Space}',
  upper: '\\p{Uppercase}',
  word,
  xdigit: '0-9A-Fa-f',
};
const shorthands: Readonly<Record<string, string>> = { s: 'space', d: 'digit', w: 'word', h: 'xdigit' };
const [isWord, notWord, afterWord, notAfterWord] = ['(?=', '(?!', '(?<=', '(?<!'].map((look) => `${look}[${bareWord}])`);
const others: Readonly<Record<string, string>> = {
  A: '(?<![^])',
  z: '(?![^])',
  Z: '(?=\\n?(?![^]))',
  b: `(?:${afterWord}${notWord}|${notAfterWord}${isWord})`,
  B: `(?:${afterWord}${isWord}|${notAfterWord}${notWord})`,
  R: '(?:\\r\\n|[\\n-\\r\\x85\\u2028\\u2029])',
};
const controls: Readonly<Record<string, number>> = { a: 7, t: 9, n: 10, v: 11, f: 12, r: 13, e: 27 };

/** The escape whose backslash was just taken. */
export function readEscape(cursor: Cursor, inClass: boolean): Escape {
  if (cursor.ended) throw cursor.unsupported('ends in a backslash');
  const character = cursor.take();
  const shorthand = shorthands[character.toLowerCase()];
  if (shorthand !== undefined) {
    return { set: shorthand === 'word' && !inClass ? bareWord : sets[shorthand]!, negated: character < 'a' };
  }
  if (character === 'p' || character === 'P') return readProperty(cursor, character === 'P');
  if (!inClass && others[character] !== undefined) return { other: others[character] };
  const control = controls[character];
  if (control !== undefined) return { code: control };
  if (character === 'x' || character === 'u') {
    const digits = cursor.match(character === 'x' ? /\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2})/y : /([0-9A-Fa-f]{4})/y);
    const code = Number.parseInt(digits?.[1] ?? digits?.[2] ?? '', 16);
    if (!(code <= 0x10ffff)) throw cursor.unsupported(`has an escape without digits at character ${cursor.at}`);
    return { code };
  }
  if (/[A-Za-z0-9]/.test(character)) throw cursor.unsupported(`uses \\${character}, which has no translation`);
  return { code: character.codePointAt(0)! };
}

/** `[:alpha:]`, whose first bracket is not taken yet. */
export function readPosixClass(cursor: Cursor): { readonly set: string; readonly negated: boolean } | undefined {
  const match = cursor.match(/\[:(\^?)([a-z]{1,8}):\]/y);
  if (match === undefined) return undefined;
  const set = sets[match[2]!];
  if (set === undefined) throw cursor.unsupported(`uses [:${match[2]}:], which has no translation`);
  return { set, negated: match[1] === '^' };
}

function readProperty(cursor: Cursor, negated: boolean): Escape {
  const match = cursor.match(/\{(\^?)([A-Za-z_ ]{1,40})\}/y);
  if (match === undefined) throw cursor.unsupported(`has a property without a name at character ${cursor.at}`);
  const name = match[2]!;
  const posix = name.toLowerCase();
  const isNegated = negated !== (match[1] === '^');
  if (posix !== 'punct' && Object.hasOwn(sets, posix)) return { set: sets[posix]!, negated: isNegated };
  const known = [name, `Script=${name}`].find((candidate) => isProperty(candidate));
  if (known === undefined) throw cursor.unsupported(`uses \\p{${name}}, which has no translation`);
  return { set: `\\${isNegated ? 'P' : 'p'}{${known}}`, negated: false };
}

function isProperty(name: string): boolean {
  try {
    new RegExp(`\\p{${name}}`, 'u');
    return true;
  } catch {
    return false;
  }
}

/** A character as it may stand in a JavaScript pattern, inside and outside of classes. */
export function literal(code: number): string {
  const character = String.fromCodePoint(code);
  return /[\x20-\x7f]/.test(character) && !/[A-Za-z0-9 ]/.test(character)
    ? `\\x${code.toString(16)}`
    : code < 0x20
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : character;
}

/** A character in all its cases, with the two letters beyond ASCII that fold to ASCII ones (ſ and the Kelvin sign). */
export function allCases(code: number, cursor: Cursor): string {
  const character = String.fromCodePoint(code);
  if (!/\p{L}/u.test(character)) return literal(code);
  const lower = character.toLowerCase();
  const upper = character.toUpperCase();
  const fits = lower.length === character.length && upper.length === character.length;
  if (!fits || upper.toLowerCase() !== lower || /[ſ\u212aςσΣ]/.test(character))
    throw cursor.unsupported(`ignores the case of ${character}`);
  return `${lower}${upper === lower ? '' : upper}${lower === 's' ? 'ſ' : lower === 'k' ? '\u212a' : ''}`;
}
