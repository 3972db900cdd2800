import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const stamp = join(root, 'apps/cli/.turbo/built-from');
const isSource = /^(src\/(?!.*\.test\.ts$).*|package\.json|tsup\.config\.ts)$/;

/** What turbo builds for the command: the workspaces that it depends on, and theirs. */
function workspaces() {
  const folders = new Map();
  const visit = (folder) => {
    const { name, dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (folders.has(name)) return;
    folders.set(name, folder);
    for (const dependency of Object.keys({ ...dependencies, ...devDependencies })) {
      const parts = dependency.split('/');
      if (parts[0] !== '@polymodal') continue;
      visit(['packages', 'apps'].map((parent) => join(root, parent, parts[1])).find((path) => existsSync(join(path, 'package.json'))));
    }
  };
  visit(join(root, 'apps/cli'));
  return [...folders.values()].filter((folder) => existsSync(join(folder, 'tsup.config.ts')));
}

/** Changes whenever a source file does: a hash over their paths, sizes and times. */
function stateOfSources() {
  const hash = createHash('sha256');
  for (const folder of workspaces()) {
    const names = ['package.json', 'tsup.config.ts', ...readdirSync(join(folder, 'src'), { recursive: true }).map((name) => `src/${name}`)];
    for (const name of names.sort()) {
      const { size, mtimeMs } = statSync(join(folder, name));
      if (isSource.test(name)) hash.update(`${folder}/${name} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

/** Builds what is missing or older than its sources, and says so on stderr. Ends the process where that fails. */
export function buildInClone() {
  const state = stateOfSources();
  const built = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (built === state && workspaces().every((folder) => existsSync(join(folder, 'dist')))) return;

  const turbo = join(root, 'node_modules/turbo/bin/turbo');
  if (!existsSync(turbo)) fail('this clone is not installed. Run: npm install');
  process.stderr.write('polymodal: building the packages of this clone first (about a minute; only after a change) …\n');
  const start = Date.now();
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [turbo, 'run', 'build', '--filter=polymodal', '--output-logs=errors-only'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', FORCE_COLOR: '0' },
    },
  );
  if (status !== 0) fail(`the build failed.\n${stdout}${stderr}${error ?? ''}`);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, state);
  process.stderr.write(`polymodal: built in ${((Date.now() - start) / 1000).toFixed(0)} s.\n`);
}

function fail(text) {
  process.stderr.write(`polymodal: ${text}\n`);
  process.exit(1);
}
