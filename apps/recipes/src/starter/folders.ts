import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataError } from '../emoji/index.js';

const isRepository = (folder: string): boolean => {
  const manifest = join(folder, 'package.json');
  return existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly name?: string }).name === 'polymodal-monorepo';
};

/**
 * The root of the clone. It is looked for upwards, since the sources and what is built from them lie at different depths.
 *
 * @throws DataError `REPOSITORY_MISSING`
 */
export function repositoryFolder(start: string = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (isRepository(folder)) return folder;
    if (dirname(folder) === folder)
      throw new DataError({
        code: 'REPOSITORY_MISSING',
        message: `no folder above ${start} is a clone of Polymodal.`,
        fix: 'Run the recipes inside a clone of the repository: they write into its packages.',
      });
  }
}

/** Where the trained starter lives: what packages/starter ships. */
export const starterFolder = (): string => join(repositoryFolder(), 'packages', 'starter', 'model');

/** Where a training run keeps its checkpoints, outside version control. */
export const runsFolder = (): string => join(repositoryFolder(), 'runs', 'starter');
