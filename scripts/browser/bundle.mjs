import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const runner = fileURLToPath(new URL('./run-suites.mjs', import.meta.url));

/** Every `test/NAME.browser.ts` of these workspaces, by its path from the root. */
export function findSuites(workspaces, root) {
  return workspaces
    .map(({ folder }) => join(folder, 'test'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.browser.ts'))
    .sort()
    .map((file) => ({ name: relative(root, file).split(sep).join('/'), file }));
}

/** Bundles suites from the sources into `outdir`/suites.js, which exports `run`, and worker.js, which posts what `run` gives. */
export async function bundleSuites(suites, outdir, platform) {
  const loaders = suites.map(({ name, file }) => `${JSON.stringify(name)}: () => import(${JSON.stringify(file)}),`);
  const sources = {
    suites: [
      `import { runSuites } from ${JSON.stringify(runner)};`,
      `export const run = (begin) => runSuites({ ${loaders.join('\n')} }, begin);`,
    ],
    worker: ["import { run } from 'virtual:suites';", 'postMessage(await run((title) => console.debug(title)));'],
  };
  await build({
    entryPoints: Object.keys(sources).map((name) => ({ in: `virtual:${name}`, out: name })),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    platform,
    conditions: ['@polymodal/source', platform],
    logLevel: 'error',
    plugins: [
      {
        name: 'suites',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^virtual:/ }, ({ path }) => ({ path: path.slice('virtual:'.length), namespace: 'virtual' }));
          onLoad({ filter: /.*/, namespace: 'virtual' }, ({ path }) => ({
            contents: sources[path].join('\n'),
            resolveDir: fileURLToPath(new URL('.', import.meta.url)),
          }));
        },
      },
    ],
  });
}
