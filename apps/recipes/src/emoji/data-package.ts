import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PolymodalError } from '@polymodal/modality-registry';

/** What a recipe throws when its data are not there or not what they were. */
export class DataError extends PolymodalError {}

const require = createRequire(import.meta.url);

/**
 * The folder of an installed data package.
 *
 * @throws DataError `DATA_MISSING`
 */
export function dataPackage(name: string): string {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch (cause) {
    throw new DataError({
      code: 'DATA_MISSING',
      message: `the npm package ${name}, which holds emoji pictures or names, is not installed.`,
      fix: `Run npm install in a clone of the repository, or: npm install ${name}`,
      cause,
    });
  }
}

/** @throws DataError `DATA_MISSING`, `DATA_FORMAT` */
export function readJson(packageName: string, ...path: string[]): unknown {
  const file = join(dataPackage(packageName), ...path);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new DataError({ code: 'DATA_FORMAT', message: `${file} cannot be read as JSON.`, fix: `Install ${packageName} again.`, cause });
  }
}
