import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadIndex } from '@polymodal/retrieval/node';
import { exitCode } from '../exit-code.js';
import { loadModel } from '../model.js';
import type { IndexOptions } from '../options.js';
import { type Quality, qualityRows, readQuality } from '../quality.js';
import { summarize } from '../terminal/report-error.js';
import { count, table } from '../terminal/text.js';
import { version } from '../version.js';

/** `polymodal info`: what is installed, which model is used and how good it is, what the index holds. */
export async function info(options: IndexOptions): Promise<number> {
  const { clip, folder } = await loadModel(options.model);
  await clip.dispose();
  const quality = await readQuality(folder);
  const runtime = (createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }).version;
  const model = { folder, space: clip.space, width: clip.width, quality: quality ?? null };
  const index = await describeIndex(options.index, clip.space.fingerprint);
  const versions = { polymodal: version(), node: process.versions.node, onnxruntime: runtime };
  if (options.json) process.stdout.write(`${JSON.stringify({ versions, model, index })}\n`);
  else for (const line of lines(versions, model, index, options.index)) process.stdout.write(`${line}\n`);
  return index !== null && 'error' in index ? exitCode.failure : exitCode.ok;
}

type IndexInfo =
  | { path: string; size: number; space: { name: string; fingerprint: string }; usable: boolean }
  | { path: string; error: ReturnType<typeof summarize> };

async function describeIndex(path: string, fingerprint: string): Promise<IndexInfo | null> {
  if (!existsSync(path)) return null;
  try {
    const index = await loadIndex(path);
    return { path, size: await index.size(), space: index.space, usable: index.space.fingerprint === fingerprint };
  } catch (error) {
    return { path, error: summarize(error) };
  }
}

function lines(
  versions: Record<string, string>,
  model: { folder: string; space: { name: string; fingerprint: string }; width: number; quality: Quality | null },
  index: IndexInfo | null,
  indexPath: string,
): string[] {
  const spaceText = ({ name, fingerprint }: { name: string; fingerprint: string }) => `${name} (${fingerprint})`;
  const rows = [
    [
      'versions',
      Object.entries(versions)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ],
    ['model', model.folder],
    ['space', `${spaceText(model.space)}, ${model.width} numbers a vector`],
    ['index', indexText(index, indexPath, spaceText)],
  ];
  const quality = model.quality === null ? [] : ['', 'Measured quality (recall on held-out pictures):', ...qualityRows(model.quality)];
  return [...table(rows, ['left', 'left'], ''), ...quality];
}

function indexText(index: IndexInfo | null, path: string, spaceText: (space: { name: string; fingerprint: string }) => string): string {
  if (index === null) return `none at ${path}; make one: polymodal index ./pictures`;
  if ('error' in index) return `${path}: ${index.error.code}: ${index.error.message}`;
  return `${index.path}, ${count(index.size, 'picture')}${index.usable ? '' : `, of another model: ${spaceText(index.space)}`}`;
}
