import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { type OutlineText, outlineText } from './outline-text.js';
import type { DemoAnswer, DemoHit, DemoResult } from './result.js';

const COLUMNS = 12;
const MARGIN = 48;
const CARD = { width: 108, height: 138, gap: 8 };
const HEADER = 132;
const TITLE = 52;
const ROW = TITLE + CARD.height + 30;
const WIDTH = 2 * MARGIN + COLUMNS * CARD.width + (COLUMNS - 1) * CARD.gap;
const color = { back: '#f6f5f2', card: '#ffffff', ink: '#1c1d21', quiet: '#6b6e76', line: '#e4e2dc', accent: '#3557d6' };

/** The contact sheet as a PNG: a row for each query, with text drawn as outlines. */
export async function contactSheetPng({ pictures, quality, answers }: DemoResult): Promise<Uint8Array> {
  const text = await outlineText();
  const height = HEADER + answers.length * ROW + MARGIN / 2;
  const recall =
    quality === undefined
      ? ''
      : `   Recall@10: ${percent(quality.en.textToImage.r10)} English, ${percent(quality.zh.textToImage.r10)} 中文`;
  const summary = `${answers.length} queries over ${pictures.toLocaleString('en')} Noto emoji, a vendor that the model never saw.${recall}`;
  const rows = await Promise.all(answers.map((answer, i) => row(answer, HEADER + i * ROW, text)));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}">
<rect width="100%" height="100%" fill="${color.back}"/>
${text('Polymodal', MARGIN, 66, { size: 36, weight: 700, fill: color.ink })}
${text(summary, MARGIN, 98, { size: 16, weight: 400, fill: color.quiet })}
${rows.join('\n')}
</svg>`;
  return sharp(Buffer.from(svg)).png({ compressionLevel: 9 }).toBuffer();
}

async function row({ query, picture, hits }: DemoAnswer, top: number, text: OutlineText): Promise<string> {
  const style = { size: 23, weight: 560, fill: color.ink };
  const title =
    picture === undefined
      ? text(query, MARGIN, top + 34, style)
      : `${await image(picture, MARGIN, top, 44)}${text(`this picture (${query}, drawn by Twemoji)`, MARGIN + 58, top + 32, style)}`;
  const cards = await Promise.all(
    hits.slice(0, COLUMNS).map((hit, i) => card(hit, MARGIN + i * (CARD.width + CARD.gap), top + TITLE, text)),
  );
  return title + cards.join('');
}

async function card({ names, score, path }: DemoHit, x: number, y: number, text: OutlineText): Promise<string> {
  const middle = x + CARD.width / 2;
  const label = { anchor: 'middle', maxWidth: CARD.width - 14 } as const;
  return [
    `<rect x="${x + 0.5}" y="${y + 0.5}" width="${CARD.width - 1}" height="${CARD.height - 1}" rx="14" fill="${color.card}" stroke="${color.line}"/>`,
    await image(path, middle - 32, y + 12, 64),
    text(names.en, middle, y + 94, { ...label, size: 12.5, weight: 460, fill: color.ink }),
    text(names.zh, middle, y + 111, { ...label, size: 12, weight: 400, fill: color.quiet }),
    text(score.toFixed(3), middle, y + 128, { ...label, size: 11.5, weight: 460, fill: color.accent }),
  ].join('');
}

async function image(path: string, x: number, y: number, size: number): Promise<string> {
  const bytes = await readFile(path);
  return `<image x="${x}" y="${y}" width="${size}" height="${size}" href="data:image/png;base64,${bytes.toString('base64')}"/>`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
