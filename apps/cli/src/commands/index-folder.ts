import { relative, resolve, sep } from 'node:path';
import { decodeImage } from '@polymodal/image-patcher/node';
import { type LoadFile, openIndex } from '@polymodal/retrieval/node';
import { exitCode } from '../exit-code.js';
import { findPictures } from '../find-pictures.js';
import { loadModel } from '../model.js';
import type { IndexOptions } from '../options.js';
import { startStage } from '../terminal/progress.js';
import { summarize } from '../terminal/report-error.js';
import { count, printable, seconds } from '../terminal/text.js';

export interface IndexFolderOptions extends IndexOptions {
  readonly force: boolean;
}

const SHOWN_FAILURES = 20;

export const loadPicture: LoadFile = async ({ bytes }) => ({ image: await decodeImage(bytes) });

/** `polymodal index`: embeds what is new or changed in a folder, forgets what has gone, and saves. */
export async function indexFolder(folder: string, options: IndexFolderOptions, signal: AbortSignal): Promise<number> {
  const start = performance.now();
  const found = await findPictures(folder);
  signal.throwIfAborted();
  const { clip } = await loadModel(options.model);
  try {
    const index = await openIndex(options.index, { space: clip, load: loadPicture, mode: options.force ? 'replace' : 'create' });
    const stage = startStage(`Indexing ${count(found.files.length, 'picture')}`);
    const report = await index
      .add(found.files, { signal, onProgress: ({ done, total }) => stage.update(done, total ?? done) })
      .finally(() => stage.end());

    const present = new Set(found.files);
    const top = resolve(folder) + sep;
    const gone: string[] = [];
    // A folder that could not be read says nothing about its pictures.
    if (found.failed.length === 0) for await (const { id } of index.entries()) if (id.startsWith(top) && !present.has(id)) gone.push(id);
    const removed = await index.remove(gone);

    const failed = [...found.failed, ...report.failed].map(({ id, error }) => ({ id, ...summarize(error) }));
    const size = await index.size();
    const took = performance.now() - start;
    if (options.json) {
      const { added, skipped } = report;
      print(
        JSON.stringify({
          index: index.path,
          space: index.space,
          size,
          added,
          unchanged: skipped,
          removed,
          failed,
          milliseconds: Math.round(took),
        }),
      );
    } else {
      print(`${count(report.added, 'picture')} added, ${report.skipped} unchanged, ${removed} removed, in ${seconds(took)}.`);
      if (failed.length > 0) print(`${count(failed.length, 'file')} left out:`);
      for (const { id, code, message } of failed.slice(0, SHOWN_FAILURES))
        print(`  ${printable(relative('', id) || id)}: ${code}: ${printable(message)}`);
      if (failed.length > SHOWN_FAILURES) print(`  … and ${failed.length - SHOWN_FAILURES} more; --json lists all.`);
      print(`${printable(relative('', index.path))} holds ${count(size, 'picture')}.`);
      if (size > 0) print('Next: polymodal search "a red heart"');
    }
    if (failed.length === 0) return exitCode.ok;
    return report.added + report.skipped > 0 ? exitCode.partial : exitCode.failure;
  } finally {
    await clip.dispose();
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
