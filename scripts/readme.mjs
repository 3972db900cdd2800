#!/usr/bin/env node
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { layers } from './layers.mjs';
import { root as repository, workspaces } from './workspaces.mjs';

/**
 * `npm run readme` writes the README's generated blocks from what was measured: `packages/starter/model/eval.json` (npm run eval:starter) and
 * `apps/bench/results.json` (npm run bench -- --json). `--check` only compares.
 */

const readJson = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined);

/** The measured quality of the starter: recalls as fractions, in both directions and languages. */
export function qualityTable(quality) {
  if (quality === undefined) return 'Not measured yet: `npm run eval:starter`.';
  const row = (label, { r1, r5, r10 }) => `| ${label} | ${[r1, r5, r10].map((share) => share.toFixed(3)).join(' | ')} |`;
  return [
    `| of ${quality.candidates.toLocaleString('en')} held-out pictures | Recall@1 | Recall@5 | Recall@10 |`,
    '|---|---|---|---|',
    row('English → picture', quality.en.textToImage),
    row('picture → English', quality.en.imageToText),
    row('Chinese → picture', quality.zh.textToImage),
    row('picture → Chinese', quality.zh.imageToText),
  ].join('\n');
}

/** The results of `npm run bench -- --json`: times, or megabytes where memory is compared. */
export function benchTable(results) {
  if (results === undefined || results.length === 0) return 'Not measured yet: `npm run bench`.';
  const digits = (value, count) => (Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(count));
  const cell = (milliseconds, megabytes) => {
    const value = milliseconds ?? megabytes ?? null;
    return value === null ? '–' : `${digits(value, 3)} ${milliseconds === value ? 'ms' : 'MB'}`;
  };
  const compared = (ratio, interval) => {
    if (ratio === null) return '–';
    return interval ? `${digits(ratio, 2)} (${interval.map((value) => digits(value, 2)).join('–')})` : digits(ratio, 2);
  };
  return [
    '| what | ours | peer | ours ÷ peer | peer is |',
    '|---|---|---|---|---|',
    ...results.map(
      ({ name, work, oursMs, peerMs, oursMB, peerMB, ratio, interval, peer, note }) =>
        `| \`${name}\`: ${work} | ${cell(oursMs, oursMB)} | ${cell(peerMs, peerMB)} | ${compared(ratio, interval)} | ${peer ?? note} |`,
    ),
  ].join('\n');
}

/** The packages that exist, in the order of the layers. */
export function packageTable(all) {
  const byPath = new Map(all.map((workspace) => [workspace.path, workspace.manifest]));
  const rows = Object.entries(layers)
    .filter(([path]) => path.startsWith('packages/') && byPath.has(path))
    .map(([path, { layer }]) => `| ${layer} | [\`${byPath.get(path).name}\`](${path}) | ${byPath.get(path).description} |`);
  return ['| layer | package | what it is |', '|---|---|---|', ...rows].join('\n');
}

/** Replaces what stands between `<!-- generated: name -->` and `<!-- end -->`. */
export function fill(text, blocks) {
  return Object.entries(blocks).reduce((result, [name, content]) => {
    const block = new RegExp(`(<!-- generated: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
    if (!block.test(result)) throw new Error(`README.md has no block <!-- generated: ${name} --> … <!-- end -->`);
    return result.replace(block, (_, start, end) => `${start}${content}\n${end}`);
  }, text);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = join(repository, 'README.md');
  const before = readFileSync(path, 'utf8');
  const after = fill(before, {
    packages: packageTable(workspaces()),
    quality: qualityTable(readJson(join(repository, 'packages/starter/model/eval.json'))),
    bench: benchTable(readJson(join(repository, 'apps/bench/results.json'))),
  });
  if (process.argv.includes('--check')) {
    if (after !== before) {
      console.error('README.md is not what was measured: run npm run readme');
      process.exitCode = 1;
    }
  } else writeFileSync(path, after);
}
