import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Font } from 'fontkit';

export interface TextStyle {
  readonly size: number;
  readonly fill: string;
  /** Stem weight, as CSS has it: 400 regular, 700 bold. */
  readonly weight: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Longer text ends in an ellipsis. */
  readonly maxWidth?: number;
}

/** Draws a line of text as SVG paths, its baseline starting at (x, y). */
export type OutlineText = (text: string, x: number, y: number, style: TextStyle) => string;

/**
 * Text as outlines of Noto Sans SC (OFL), so that a machine without Chinese fonts draws it too.
 *
 * The font comes in pieces by Unicode range, each of its thinnest weight (fontkit cannot vary WOFF2): strokes of the wanted weight are
 * drawn around the thin stems.
 */
export async function outlineText(): Promise<OutlineText> {
  const fontkit = await import('fontkit');
  const folder = dirname(createRequire(import.meta.url).resolve('@fontsource-variable/noto-sans-sc/package.json'));
  const rangesOf = JSON.parse(readFileSync(join(folder, 'unicode.json'), 'utf8')) as Record<string, string>;
  const pieces = Object.entries(rangesOf).map(([name, ranges]) => ({
    file: join(folder, 'files', `noto-sans-sc-${name.replace(/[[\]]/g, '')}-wght-normal.woff2`),
    ranges: ranges.split(',').map(parseRange),
  }));
  const fonts = new Map<string, Font>();
  const fontOf = (codePoint: number): Font | undefined => {
    const piece = pieces.find(({ ranges }) => ranges.some(([from, to]) => codePoint >= from && codePoint <= to));
    if (piece === undefined) return undefined;
    let font = fonts.get(piece.file);
    if (font === undefined) {
      font = fontkit.create(readFileSync(piece.file)) as Font;
      fonts.set(piece.file, font);
    }
    return font;
  };

  const glyphsOf = (text: string, { size, weight }: TextStyle) => {
    const stroke = strokeUnits(weight);
    // The font's ’ is a Chinese quotation mark, as wide as a character.
    return Array.from(text.replaceAll('’', "'"), (character) => {
      const glyph = fontOf(character.codePointAt(0)!)?.glyphForCodePoint(character.codePointAt(0)!);
      // Latin letters of the thin weight stand close: half of what the stroke adds is given back between them.
      return { path: glyph?.path.toSVG() ?? '', advance: (((glyph?.advanceWidth ?? 500) + stroke / 2) * size) / UNITS };
    });
  };
  const widthOf = (glyphs: readonly { advance: number }[]) => glyphs.reduce((sum, { advance }) => sum + advance, 0);

  return (text, x, y, style) => {
    let glyphs = glyphsOf(text, style);
    const characters = Array.from(text);
    while (style.maxWidth !== undefined && characters.length > 1 && widthOf(glyphs) > style.maxWidth) {
      characters.pop();
      glyphs = glyphsOf(`${characters.join('').trimEnd()}…`, style);
    }
    const width = widthOf(glyphs);
    let at = style.anchor === 'middle' ? x - width / 2 : style.anchor === 'end' ? x - width : x;
    const scale = style.size / UNITS;
    const paths = glyphs.map(({ path, advance }) => {
      const drawn = path === '' ? '' : `<path transform="translate(${at.toFixed(2)} ${y}) scale(${scale} ${-scale})" d="${path}"/>`;
      at += advance;
      return drawn;
    });
    return `<g fill="${style.fill}" stroke="${style.fill}" stroke-width="${strokeUnits(style.weight)}" stroke-linejoin="round">${paths.join('')}</g>`;
  };
}

/** Noto Sans SC is drawn on 1,000 units to the em. */
const UNITS = 1000;

/** Stems grow by about 0.15 units per unit of weight over the thinnest, 100. */
function strokeUnits(weight: number): number {
  return 0.15 * (weight - 100);
}

function parseRange(range: string): readonly [from: number, to: number] {
  const [from, to] = range.trim().replace(/^U\+/i, '').split('-');
  return [Number.parseInt(from!, 16), Number.parseInt(to ?? from!, 16)];
}
