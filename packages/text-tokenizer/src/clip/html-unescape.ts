import { packedEntities } from './generated/html-entities.js';

/** What windows-1252 has at 0x80 to 0x9f; five of them are controls there too. */
const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const reference = /&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)/gu;

/** Names with their semicolon, and without it where HTML allows that. */
let entities: ReadonlyMap<string, string> | undefined;

/** Replaces HTML character references as Python's `html.unescape` does, invalid ones and missing semicolons included. */
export function htmlUnescape(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(reference, (_, body: string) => (body.startsWith('#') ? numericReference(body) : namedReference(body)));
}

function numericReference(body: string): string {
  const hexadecimal = body[1] === 'x' || body[1] === 'X';
  const digits = body.slice(hexadecimal ? 2 : 1).replace(';', '');
  const code = Number.parseInt(digits, hexadecimal ? 16 : 10);
  if (code === 0) return '\ufffd';
  if (code === 0x0d) return '\r';
  if (code >= 0x80 && code <= 0x9f) return windows1252[code - 0x80]!;
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return '\ufffd';
  return isInvalid(code) ? '' : String.fromCodePoint(code);
}

/** Controls and non-characters: Python leaves them out. */
function isInvalid(code: number): boolean {
  if (code <= 0x08 || code === 0x0b || (code >= 0x0e && code <= 0x1f) || code === 0x7f) return true;
  return (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe;
}

/** The characters of a name with its semicolon (or without it where HTML allows that), or undefined. */
export function namedCharacter(name: string): string | undefined {
  entities ??= unpackEntities();
  return entities.get(name);
}

function namedReference(body: string): string {
  const whole = namedCharacter(body);
  if (whole !== undefined) return whole;
  // The longest name at the beginning, as the standard says; names have at most 32 characters, so this is short.
  for (let length = body.length - 1; length > 1; length--) {
    const value = namedCharacter(body.slice(0, length));
    if (value !== undefined) return value + body.slice(length);
  }
  return `&${body}`;
}

function unpackEntities(): Map<string, string> {
  const map = new Map<string, string>();
  let code = 0;
  for (const group of packedEntities.split(',')) {
    const [value = '', ...keys] = group.split(' ');
    const [step = '', second] = value.split('+');
    code += step === '' ? 1 : Number.parseInt(step, 36);
    const characters = String.fromCodePoint(code) + (second === undefined ? '' : String.fromCodePoint(Number.parseInt(second, 36)));
    for (const key of keys) {
      const name = key.replace('!', '');
      map.set(`${name};`, characters);
      if (key !== name) map.set(name, characters);
    }
  }
  return map;
}
