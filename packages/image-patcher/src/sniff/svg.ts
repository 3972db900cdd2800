import { type ImageInfo, Reader } from './reader.js';

/** How far into a file its root element is looked for. */
const SEARCH_BYTES = 65_536;

/** CSS's size of a picture that has none of its own. */
const DEFAULT_WIDTH = 300;
const DEFAULT_HEIGHT = 150;

/** CSS pixels of each unit. */
const units: Readonly<Record<string, number>> = { '': 1, px: 1, pt: 4 / 3, pc: 16, in: 96, cm: 96 / 2.54, mm: 96 / 25.4, em: 16, ex: 8 };

/** The root `<svg …>` tag, or undefined where the text is no SVG: declaration, comments and document type may come before it. */
export function svgRoot(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(new Uint8Array(bytes.subarray(0, SEARCH_BYTES))).trimStart(); // a copy: no decoder reads shared memory
  let at = 0;
  while (text.startsWith('<', at)) {
    if (/^<svg[\s/>]/.test(text.slice(at, at + 5))) {
      const end = text.indexOf('>', at);
      return end < 0 ? text.slice(at) : text.slice(at, end + 1);
    }
    const close = closing(text, at);
    if (close === undefined) return undefined;
    at = close;
    while (at < text.length && text[at]!.trim() === '') at++;
  }
  return undefined;
}

/** Where the declaration, comment or document type at `at` ends; undefined for anything else. */
function closing(text: string, at: number): number | undefined {
  const after = (mark: string) => {
    const found = text.indexOf(mark, at);
    return found < 0 ? undefined : found + mark.length;
  };
  if (text.startsWith('<?', at)) return after('?>');
  if (text.startsWith('<!--', at)) return after('-->');
  if (
    !text
      .slice(at, at + 9)
      .toLowerCase()
      .startsWith('<!doctype')
  )
    return undefined;
  const subset = text.indexOf('[', at);
  const plain = text.indexOf('>', at);
  return subset >= 0 && subset < plain ? after(']>') : after('>');
}

/** SVG 1.1, section 5.1: width and height of the root, or else of its view box, in CSS pixels, to the nearest as sharp draws it. */
export function readSvg(bytes: Uint8Array, root: string): ImageInfo {
  const view = (attribute(root, 'viewBox') ?? '').split(/[\s,]+/, 5).map(Number);
  const [, , viewWidth, viewHeight] = view.length === 4 && view.every(Number.isFinite) ? view : [];
  const width = pixels(attribute(root, 'width'), viewWidth ?? DEFAULT_WIDTH);
  const height = pixels(attribute(root, 'height'), viewHeight ?? DEFAULT_HEIGHT);
  if (width === undefined || height === undefined) throw new Reader(bytes, 'svg').malformed('width or height is no length');
  return { format: 'svg', width: Math.round(width), height: Math.round(height) };
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}\\s?=\\s?(?:"([^"]*)"|'([^']*)')`).exec(tag);
  return (found?.[1] ?? found?.[2])?.slice(0, 256);
}

function pixels(length: string | undefined, natural: number): number | undefined {
  if (length === undefined || length.trim() === '' || length.trim() === 'auto') return natural;
  const [, value, unit] = /^\s*([+-]?[\d.]+(?:e[+-]?\d+)?)\s*(%|[a-z]*)\s*$/i.exec(length) ?? [];
  if (value === undefined || unit === undefined || !Number.isFinite(Number(value))) return undefined;
  if (unit === '%') return (natural * Number(value)) / 100;
  const scale = units[unit.toLowerCase()];
  return scale === undefined ? undefined : Number(value) * scale;
}
