import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));

/** Builds `test/NAME.ts` and the sources that it imports into one module, which processes and workers of a test's own run; its URL. */
export function bundle(name: string, folder: string): URL {
  const options = {
    config: false,
    entry: [`test/${name}.ts`],
    format: ['esm'],
    outDir: folder,
    silent: true,
    clean: false,
    splitting: false,
  };
  const fromSource = `noExternal: [/@polymodal/], esbuildOptions: (options) => { options.conditions = ['@polymodal/source']; }`;
  const script = `import { build } from 'tsup'; await build({ ...${JSON.stringify(options)}, ${fromSource}, outExtension: () => ({ js: '.mjs' }) });`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: packageFolder });
  return pathToFileURL(join(folder, `${name}.mjs`));
}
