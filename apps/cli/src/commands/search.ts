import { relative } from 'node:path';
import { PolymodalError } from '@polymodal/modality-registry';
import { openIndex } from '@polymodal/retrieval/node';
import { CliError } from '../cli-error.js';
import { exitCode } from '../exit-code.js';
import { loadModel } from '../model.js';
import type { IndexOptions } from '../options.js';
import { readQuery } from '../query.js';
import { table } from '../terminal/text.js';
import { loadPicture } from './index-folder.js';

export interface SearchCommandOptions extends IndexOptions {
  readonly image?: string;
  readonly k: number;
}

/** `polymodal search`: the pictures most like some words or another picture. */
export async function search(words: readonly string[], options: SearchCommandOptions, signal: AbortSignal): Promise<number> {
  const query = await readQuery(words, options.image);
  const { clip, loadMs } = await loadModel(options.model);
  try {
    const index = await openIndex(options.index, { space: clip, load: loadPicture, mode: 'existing' }).catch((error: unknown) => {
      throw PolymodalError.isInstance(error) && error.code === 'INDEX_MISSING' ? indexFirst(options.index, error) : error;
    });
    const start = performance.now();
    const hits = await index.search(query, { k: options.k, signal });
    const searchMs = performance.now() - start;
    if (options.json) {
      const shown = options.image === undefined ? query : { image: options.image };
      const ranked = hits.map(({ id, score, metadata }, i) => ({ rank: i + 1, id, score, metadata }));
      process.stdout.write(
        `${JSON.stringify({ query: shown, index: index.path, space: index.space, hits: ranked, milliseconds: { load: loadMs, search: searchMs } })}\n`,
      );
    } else if (hits.length === 0) process.stdout.write('The index is empty.\n');
    else {
      const rows = hits.map(({ id, score, metadata }, i) => {
        const name = typeof metadata.name === 'string' ? metadata.name : '';
        const path = typeof metadata.path === 'string' ? metadata.path : id;
        return [`${i + 1}`, score.toFixed(3), relative('', path), name];
      });
      for (const line of table(rows, ['right', 'right', 'left', 'left'])) process.stdout.write(`${line}\n`);
    }
    return exitCode.ok;
  } finally {
    await clip.dispose();
  }
}

function indexFirst(path: string, cause: unknown): CliError {
  return new CliError({
    code: 'INDEX_MISSING',
    message: `there is no index at ${path}.`,
    fix: 'Index a folder first: polymodal index ./pictures',
    cause,
  });
}
