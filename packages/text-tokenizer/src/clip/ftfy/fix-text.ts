import { normalize } from '../../normalize.js';
import { type Budget, fixC1Controls, fixEncoding } from './fix-encoding.js';
import { isPlain, unescapeEntities, unescapeNested } from './unescape-entities.js';

/** Code points that the original repairs at once where a line is longer. */
const longestSegment = 1_000_000;

/**
 * Repairs text as ftfy 6.3.1's `fix_text` does with its defaults: mojibake, HTML references (until a `<` shows that it is HTML), terminal
 * escapes, ligatures, character widths, curly quotes, line breaks, surrogates and control characters; NFC. Line by line, each until nothing
 * changes. (R. Speer, "ftfy: fixes text for you", Zenodo 2019, doi 10.5281/zenodo.2591652.)
 *
 * Takes linear time: a text whose repair would work through more than 8 million and 8 times its own length of UTF-16 units, as only texts made
 * for that do, is repaired in part.
 */
export function fixText(text: string): string {
  if (!mayChange(text)) return text;
  const markup = text.indexOf('<');
  const budget: Budget = { left: 8_000_000 + 8 * text.length };
  let out = '';
  for (let start = 0; start < text.length; ) {
    const lineFeed = text.indexOf('\n', start);
    const end = withinLimit(text, start, lineFeed < 0 ? text.length : lineFeed + 1);
    const segment = text.slice(start, end);
    out += mayChange(segment) ? fixSegment(segment, markup < 0 || markup >= end, budget) : segment;
    start = end;
  }
  return out;
}

/** Does a text hold anything but ASCII that no repair touches? Where not, cleaning leaves the text but for white space and case. */
export function mayChange(text: string): boolean {
  return /[^\t\n\f\x20-\x25\x27-\x7e]/.test(text);
}

/** `end`, or where the longest segment from `start` on ends. */
function withinLimit(text: string, start: number, end: number): number {
  if (end - start <= longestSegment) return end;
  let at = start;
  for (let count = 0; count < longestSegment && at < end; count++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return at;
}

function fixSegment(segment: string, references: boolean, budget: Budget): string {
  let text = (references && isPlain(segment) ? unescapeNested(segment) : undefined) ?? segment;
  for (;;) {
    const before = text;
    if (references) text = unescapeEntities(text);
    if (!isPlain(text)) {
      text = fixEncoding(text, budget);
      text = normalize(fixCharacters(fixC1Controls(text)), 'NFC');
    }
    budget.left -= text.length;
    if (text === before || budget.left < 0) return text;
  }
}

/** Latin ligatures and digraphs. */
const ligatures = /[Ĳĳŉ\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]/g;
/** The ideographic space, and the full-width and half-width forms. */
const widths = /[\u3000\uff01-\uffef]/g;
/** ANSI sequences that colour text or move the cursor. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched.
const terminalEscapes = /\x1b\[[\p{Nd};]*[a-zA-Z]/gu;
/** Controls that show nothing: ASCII's but for white space, deprecated Arabic ones, byte order marks, annotations, U+FFFC. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched.
const controls = /[\x00-\x08\x0b\x0e-\x1f\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]/g;

/** Ranges that hold all of these and little else: most texts have none, and one look is enough. */
const repairable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched.
  /[\x00-\x08\x0b\x0d-\x1f\x7fĲĳŉ\u01c4-\u01f3\u02bc\u2018-\u201f\u2028\u2029\u206a-\u206f\u3000\ud800-\udfff\ufb00-\ufb06\ufeff-\ufffc]/u;

/** The repairs of single characters, in the original's order. */
function fixCharacters(text: string): string {
  if (!repairable.test(text)) return text;
  return text
    .replace(ligatures, (character) => (character === '\ufb05' ? '\u017ft' : character.normalize('NFKC')))
    .replace(widths, (character) => character.normalize('NFKC'))
    .replace(/[\u201c-\u201f]/g, '"')
    .replace(/[\u02bc\u2018-\u201b]/g, "'")
    .replace(/\r\n|[\r\u2028\u2029]/g, '\n')
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(terminalEscapes, '')
    .replace(controls, '');
}
