import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Every workspace under `base`: its path (`packages/name`, `apps/name` or `docs`), its folder and its package.json. */
export function workspaces(base = root) {
  const paths = ['packages', 'apps']
    .filter((group) => existsSync(join(base, group)))
    .flatMap((group) =>
      readdirSync(join(base, group))
        .sort()
        .map((name) => `${group}/${name}`),
    );
  return [...paths, 'docs']
    .filter((path) => existsSync(join(base, path, 'package.json')))
    .map((path) => ({ path, folder: join(base, path), manifest: JSON.parse(readFileSync(join(base, path, 'package.json'), 'utf8')) }));
}
