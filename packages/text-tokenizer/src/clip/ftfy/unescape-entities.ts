import { htmlUnescape, namedCharacter } from '../html-unescape.js';

const reference = /&#?[0-9A-Za-z]{1,24};/g;

/** ftfy's reading of HTML references: only with semicolons, and names in capitals too where HTML has none (ftfy 6.3, unescape_html). */
export function unescapeEntities(text: string): string {
  return text.replace(reference, resolve);
}

function resolve(found: string): string {
  if (found === '') return '';
  if (found[1] !== '#') {
    const name = found.slice(1);
    return namedCharacter(name) ?? capitals(found, name);
  }
  const character = htmlUnescape(found);
  return character.includes(';') ? found : character;
}

/** `&NTILDE;` for `&ntilde;`, unless HTML reads the capitals otherwise. */
function capitals(found: string, name: string): string {
  const lower = name.toLowerCase();
  if (name !== lower.toUpperCase() || htmlUnescape(found) !== found) return found;
  return namedCharacter(lower)?.toUpperCase() ?? found;
}

/**
 * Unescapes what unescaping brings to light, to the end and in one pass (`&amp;amp;lt;`), so that deep nesting is not a round over the text
 * per level. Undefined when something else than plain ASCII comes to light, which other repairs would have to see round by round.
 */
export function unescapeNested(text: string): string | undefined {
  const out: string[] = [];
  for (const character of text) {
    out.push(character);
    // References never overlap, so they can be resolved in any order; only the last character can end another one.
    while (out.at(-1) === ';') {
      const found = lastReference(out);
      const resolved = resolve(found);
      if (resolved === found) break;
      if (!isPlain(resolved)) return undefined;
      out.length -= found.length;
      out.push(...resolved);
    }
  }
  return out.join('');
}

/** The reference that the last character ends, or nothing; it has at most 27 characters. */
function lastReference(characters: readonly string[]): string {
  return /&#?[0-9A-Za-z]{1,24};$/.exec(characters.slice(-27).join(''))?.[0] ?? '';
}

/** Is this ASCII that no repair touches, but for references? */
export function isPlain(text: string): boolean {
  return !/[^\t\n\f\x20-\x7e]/.test(text);
}
