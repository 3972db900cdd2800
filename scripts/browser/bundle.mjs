import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const runner = fileURLToPath(new URL('./run-suites.mjs', import.meta.url));

/** The worker that autograd starts, which stands beside the chunk that starts it, as in the published package. */
const runtimeWorker = fileURLToPath(new URL('../../packages/autograd/src/onnx/worker.js', import.meta.url));

const { resolve } = createRequire(import.meta.url);

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

/** Bundles suites from the sources into `outdir`/suites.js, which exports `run`, and suites-worker.js, which posts what `run` gives. */
export async function bundleSuites(suites, outdir, platform) {
  const loaders = suites.map(({ name, file }) => `${JSON.stringify(name)}: () => import(${JSON.stringify(file)}),`);
  const sources = {
    suites: [
      `import { runSuites } from ${JSON.stringify(runner)};`,
      `export const run = (begin) => runSuites({ ${loaders.join('\n')} }, begin);`,
    ],
    'suites-worker': ["import { run } from 'virtual:suites';", 'postMessage(await run((title) => console.debug(title)));'],
  };
  await build({
    entryPoints: [...Object.keys(sources).map((name) => ({ in: `virtual:${name}`, out: name })), { in: runtimeWorker, out: 'worker' }],
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
          // Runtimes stay outside: they load files that stand beside them.
          onResolve({ filter: /^onnxruntime-node$/ }, ({ path }) => ({ path: pathToFileURL(resolve(path)).href, external: true }));
          onResolve({ filter: /^onnxruntime-web\// }, ({ path }) => ({ path: `/${path.replace('/', '/ort.')}.min.mjs`, external: true }));
          onLoad({ filter: /.*/, namespace: 'virtual' }, ({ path }) => ({
            contents: sources[path].join('\n'),
            resolveDir: fileURLToPath(new URL('.', import.meta.url)),
          }));
        },
      },
    ],
  });
}
