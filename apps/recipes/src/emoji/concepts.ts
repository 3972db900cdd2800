import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dataPackage, readJson } from './data-package.js';

/** Who drew the pictures. Noto is held out: it measures, and is never trained on. */
export type Vendor = 'noto' | 'twemoji' | 'openmoji' | 'fluent3d' | 'fluentFlat';

/** One thing that all vendors drew, with its names in two languages. */
export interface Concept {
  /** Code points as Unicode lists them, such as `1F3F3-FE0F-200D-1F308`. */
  readonly hexcode: string;
  readonly emoji: string;
  readonly names: { readonly en: string; readonly zh: string };
  readonly keywords: { readonly en: readonly string[]; readonly zh: readonly string[] };
  /** Paths of the pictures: PNG of 64 px (Noto, Twemoji), SVG (OpenMoji, Fluent flat), WebP (Fluent 3D). */
  readonly files: Readonly<Record<Vendor, string>>;
}

interface NamedEmoji {
  readonly hexcode: string;
  readonly emoji: string;
  readonly label: string;
  readonly tags?: readonly string[];
}

interface SheetEmoji {
  readonly unified: string;
  readonly image: string;
  readonly has_img_google: boolean;
  readonly has_img_twitter: boolean;
}

/**
 * The 1,322 concepts that Noto, Twemoji, OpenMoji and both Fluent families drew alike, in Unicode's order: no keycaps, no skin tones
 * of their own, and none whose code points differ between the packages (those with a variation selector, such as ❤️). Read from npm
 * packages; pictures are not opened.
 *
 * @throws DataError `DATA_MISSING`, `DATA_FORMAT`
 */
export function loadConcepts(): Concept[] {
  const english = readJson('emojibase-data', 'en', 'data.json') as readonly NamedEmoji[];
  const chinese = byHexcode(readJson('emojibase-data', 'zh', 'data.json') as readonly NamedEmoji[]);
  const more = readJson('emojilib', 'dist', 'emoji-en-US.json') as Readonly<Record<string, readonly string[]>>;
  const sheet = new Map(
    (readJson('emoji-datasource-google', 'emoji.json') as readonly SheetEmoji[]).map((entry) => [entry.unified, entry]),
  );
  const folders = {
    noto: join(dataPackage('emoji-datasource-google'), 'img', 'google', '64'),
    twemoji: join(dataPackage('emoji-datasource-twitter'), 'img', 'twitter', '64'),
    openmoji: join(dataPackage('openmoji'), 'color', 'svg'),
    fluent3d: join(dataPackage('@lobehub/fluent-emoji-3d'), 'assets'),
    fluentFlat: join(dataPackage('fluentui-emoji'), 'icons', 'flat'),
  };
  const present = Object.fromEntries(Object.entries(folders).map(([vendor, folder]) => [vendor, new Set(readdirSync(folder))])) as Record<
    Vendor,
    Set<string>
  >;

  const concepts: Concept[] = [];
  for (const { hexcode, emoji, label, tags = [] } of english) {
    const entry = sheet.get(hexcode);
    if (entry === undefined || !entry.has_img_google || !entry.has_img_twitter || isKeycap(hexcode)) continue;
    const translated = chinese.get(hexcode);
    const slug = fluentSlug(label);
    const fluentFlat = [`${slug}.svg`, `${slug}-default.svg`].find((name) => present.fluentFlat.has(name));
    if (translated === undefined || fluentFlat === undefined) continue;
    const names: Record<Vendor, string> = {
      noto: entry.image,
      twemoji: entry.image,
      openmoji: `${hexcode}.svg`,
      fluent3d: `${hexcode.toLowerCase()}.webp`,
      fluentFlat,
    };
    const vendors = Object.keys(names) as Vendor[];
    if (!vendors.every((vendor) => present[vendor].has(names[vendor]))) continue;
    concepts.push({
      hexcode,
      emoji,
      names: { en: label, zh: translated.label },
      keywords: { en: unique([...tags, ...(more[emoji] ?? []).map(spaced)]), zh: translated.tags ?? [] },
      files: Object.fromEntries(vendors.map((vendor) => [vendor, join(folders[vendor], names[vendor])])) as Record<Vendor, string>,
    });
  }
  return concepts;
}

/** emojilib writes `red_heart` for `red heart`. */
function spaced(keyword: string): string {
  return keyword.replaceAll('_', ' ');
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}

function byHexcode(list: readonly NamedEmoji[]): Map<string, NamedEmoji> {
  return new Map(list.map((emoji) => [emoji.hexcode, emoji]));
}

/** Keycaps (a digit in a box) differ by their digit only, which says little of what pictures show. */
function isKeycap(hexcode: string): boolean {
  return hexcode.includes('20E3');
}

/** How fluentui-emoji names its files: the English name, with hyphens. */
function fluentSlug(label: string): string {
  return label
    .toLowerCase()
    .replaceAll(' ', '-')
    .replaceAll(/[^a-z0-9-]/g, '');
}
