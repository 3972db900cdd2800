import { readFile } from 'node:fs/promises';
import type { Quality, Recall } from '../quality.js';
import type { DemoAnswer, DemoHit, DemoResult } from './result.js';

/** A page that shows each query with its best pictures: one file, pictures inside, light and dark, narrow and wide. */
export async function contactSheetHtml({ model, pictures, quality, answers }: DemoResult): Promise<string> {
  const sections = await Promise.all(answers.map(section));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Polymodal: ${answers.length} queries over ${pictures.toLocaleString('en')} pictures</title>
<style>${css}</style>
</head>
<body>
<header>
<h1>Polymodal</h1>
<p>${answers.length} queries over ${pictures.toLocaleString('en')} Noto emoji pictures, a vendor that the model never saw. Each with its best twelve, by cosine similarity.</p>
<p class="quiet">Model <code>${escapeHtml(model.name)}</code>, fingerprint <code>${escapeHtml(model.fingerprint)}</code></p>
${quality === undefined ? '' : qualityTable(quality)}
</header>
<main>
${sections.join('\n')}
</main>
<footer><p class="quiet">Pictures: Noto Color Emoji, Apache-2.0; the query picture: Twemoji, CC-BY-4.0. Names: Unicode CLDR, through emojibase.</p></footer>
</body>
</html>
`;
}

async function section({ query, language, picture, hits, embedMs, searchMs }: DemoAnswer): Promise<string> {
  const shown = picture === undefined ? '' : `<img class="query" src="${await dataUri(picture)}" width="64" height="64" alt="">`;
  const title =
    picture === undefined
      ? `<span lang="${language}">${escapeHtml(query)}</span>`
      : `${shown}<span>this picture <small>(${escapeHtml(query)}, drawn by Twemoji)</small></span>`;
  const cards = await Promise.all(hits.map(card));
  return `<section>
<h2>${title}<small class="quiet">${embedMs.toFixed(1)} ms to embed, ${searchMs.toFixed(2)} ms to search</small></h2>
<ol>
${cards.join('\n')}
</ol>
</section>`;
}

async function card({ names, score, path }: DemoHit): Promise<string> {
  const percent = Math.max(0, Math.min(100, score * 100)).toFixed(0);
  return `<li><img src="${await dataUri(path)}" width="64" height="64" alt="${escapeHtml(names.en)}"><b>${escapeHtml(names.en)}</b><span lang="zh">${escapeHtml(names.zh)}</span><span class="score" style="--share:${percent}%">${score.toFixed(3)}</span></li>`;
}

function qualityTable({ en, zh, candidates }: Quality): string {
  const cells = ({ r1, r5, r10 }: Recall) => [r1, r5, r10].map((share) => `<td>${(100 * share).toFixed(1)} %</td>`).join('');
  const row = (label: string, recall: Recall) => `<tr><th scope="row">${label}</th>${cells(recall)}</tr>`;
  return `<table>
<caption>Measured: is the right one of ${candidates.toLocaleString('en')} among the first?</caption>
<thead><tr><th></th><th scope="col">Recall@1</th><th scope="col">@5</th><th scope="col">@10</th></tr></thead>
<tbody>
${row('English → picture', en.textToImage)}
${row('picture → English', en.imageToText)}
${row('中文 → picture', zh.textToImage)}
${row('picture → 中文', zh.imageToText)}
</tbody>
</table>`;
}

async function dataUri(path: string): Promise<string> {
  return `data:image/png;base64,${(await readFile(path)).toString('base64')}`;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}

const css = `
:root { --back: #f6f5f2; --card: #fff; --ink: #1c1d21; --quiet: #6b6e76; --line: #e4e2dc; --accent: #3557d6; --bar: #dfe5fb }
@media (prefers-color-scheme: dark) { :root { --back: #131417; --card: #1d1f24; --ink: #eceef2; --quiet: #9a9ea8; --line: #2d3037; --accent: #9db1ff; --bar: #2b3457 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1560px; padding: clamp(1rem, 4vw, 3rem); background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, "PingFang SC", "Noto Sans SC", "Microsoft YaHei", sans-serif }
h1 { margin: 0; font-size: clamp(1.8rem, 5vw, 2.6rem); letter-spacing: -.02em }
header p { margin: .3rem 0; max-width: 62ch }
.quiet, small { color: var(--quiet); font-size: .85rem; font-weight: 400 }
code { font-size: .95em }
table { margin-top: 1.2rem; border-collapse: collapse; font-variant-numeric: tabular-nums }
caption { text-align: left; color: var(--quiet); font-size: .85rem; padding-bottom: .3rem }
th, td { padding: .25rem 1.4rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line) }
th:first-child { text-align: left; font-weight: 500 }
section { margin-top: 2.6rem }
h2 { display: flex; flex-wrap: wrap; align-items: center; gap: .2rem .9rem; margin: 0 0 .8rem; font-size: 1.35rem; letter-spacing: -.01em }
h2 .quiet { margin-left: auto }
ol { display: grid; grid-template-columns: repeat(3, 1fr); gap: .6rem; margin: 0; padding: 0; list-style: none }
@media (min-width: 560px) { ol { grid-template-columns: repeat(4, 1fr) } }
@media (min-width: 760px) { ol { grid-template-columns: repeat(6, 1fr) } }
@media (min-width: 1320px) { ol { grid-template-columns: repeat(12, 1fr) } }
li { display: flex; flex-direction: column; align-items: center; gap: .1rem; padding: .9rem .5rem .6rem; background: var(--card); border: 1px solid var(--line); border-radius: 14px; text-align: center; font-size: .8rem; line-height: 1.3 }
li img { margin-bottom: .4rem }
li b { font-weight: 500 }
li span { color: var(--quiet) }
li .score { margin-top: auto; width: 100%; border-radius: 6px; color: var(--accent); background: linear-gradient(90deg, var(--bar) var(--share), transparent var(--share)); font-variant-numeric: tabular-nums }
footer { margin-top: 3rem }
`;
