#!/usr/bin/env node
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { layers, pure } from './layers.mjs';
import { root, workspaces } from './workspaces.mjs';

/**
 * Checks what a stranger gets: every publishable package is packed and installed in an empty folder, then imported from
 * ESM, required from a .cjs file and compiled against by TypeScript, with no optional peer installed. Needs a build.
 */

const installHooks = ['preinstall', 'install', 'postinstall'];
const problems = [];
const report = (name, text) => problems.push(`${name}: ${text}`);
const published = workspaces().filter(({ manifest }) => !manifest.private);
const folder = mkdtempSync(join(tmpdir(), 'packed-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Runs a command in the empty folder; a non-zero exit or anything on stderr is a problem. */
function run(label, command, parameters, { quiet = true } = {}) {
  const result = spawnSync(command, parameters, { cwd: folder, encoding: 'utf8' });
  if (result.status !== 0) report(label, `exit code ${result.status}\n${result.stdout}${result.stderr}`);
  else if (quiet && result.stderr.trim()) report(label, `wrote to stderr: ${result.stderr.trim()}`);
  return result.stdout;
}

/** Every path that an `exports` entry can lead to. */
const targets = (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry ?? {}).flatMap(targets));

// 1. Pack, and read what is in each tarball.
const packed = JSON.parse(
  execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...published.flatMap(({ path }) => ['-w', path])],
    {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1 << 28,
    },
  ),
);
const tarballs = new Map((Array.isArray(packed) ? packed : Object.values(packed)).map((entry) => [entry.name, entry]));

for (const { path, manifest } of published) {
  const { name } = manifest;
  const tarball = tarballs.get(name);
  const files = new Set(tarball.files.map((file) => file.path));
  if (!files.has('README.md')) report(name, 'has no README.md');
  if (manifest.license !== 'Apache-2.0') report(name, `license is ${manifest.license}, expected Apache-2.0`);
  if (manifest.type !== 'module') report(name, 'type is not module');
  for (const hook of installHooks) if (manifest.scripts?.[hook]) report(name, `has an install script (${hook})`);
  for (const file of files) if (/\.test\.ts$|\.test-totals|(^|\/)goldens\//.test(file)) report(name, `ships a test file, ${file}`);
  for (const target of [...targets(manifest.exports), ...targets(manifest.bin)].map((target) => target.replace(/^\.\//, ''))) {
    const [prefix, suffix] = target.split('*');
    const found = suffix === undefined ? files.has(target) : [...files].some((file) => file.startsWith(prefix) && file.endsWith(suffix));
    if (!found) report(name, `exports ${target}, which is not in the tarball`);
  }
  const lint = await publint({ strict: true, pack: { tarball: new Uint8Array(readFileSync(join(folder, tarball.filename))).buffer } });
  for (const message of lint.messages) report(name, `publint ${message.type}: ${formatMessage(message, lint.pkg ?? manifest)}`);
  if (layers[path]?.layer !== 'apps') {
    if (manifest.sideEffects !== false) report(name, 'sideEffects is not false');
    if (!files.has('src/index.ts')) report(name, 'ships no sources (src/index.ts)');
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    run(
      `${name} (attw)`,
      process.execPath,
      [
        attw,
        join(folder, tarball.filename),
        '--profile',
        'esm-only',
        '--no-definitely-typed',
        '--format',
        'ascii',
        '--no-color',
        '--no-emoji',
        '--exclude-entrypoints',
        ...dataEntries(manifest),
      ],
      { quiet: false },
    );
  }
}

/** Subpaths that lead to data rather than to a module, such as ./package.json. */
function dataEntries(manifest) {
  return Object.entries(manifest.exports ?? {})
    .filter(([, entry]) => typeof entry === 'string')
    .map(([key]) => key);
}

// 2. Install the tarballs, and nothing else, in the empty folder.
const dependencies = Object.fromEntries(
  published.map(({ manifest: { name } }) => [name, `file:${join(folder, tarballs.get(name).filename)}`]),
);
writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stranger', private: true, dependencies }));
run(
  'npm install',
  'npm',
  ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=optional', '--omit=peer', '--loglevel=error'],
  { quiet: false },
);

// 3. Import every subpath from ESM and require it from CommonJS: both must be the same module, in silence.
const libraries = published.flatMap(({ path, manifest }) =>
  Object.entries(manifest.exports ?? {})
    .filter(([, entry]) => typeof entry !== 'string')
    .map(([key]) => ({ path, specifier: key === '.' ? manifest.name : `${manifest.name}/${key.slice(2)}` })),
);
const specifiers = JSON.stringify(libraries.map(({ specifier }) => specifier));
const consumer = (body) =>
  `(async () => { for (const name of ${specifiers}) try { ${body} } catch (error) { console.error(name, error); process.exitCode = 1; } })();`;
const sameModule = `const required = require(name), imported = await import(name);
  for (const key of Object.keys(imported)) if (required[key] !== imported[key]) throw new Error('require and import give two different ' + key);`;
writeFileSync(join(folder, 'consumer.mjs'), consumer('await import(name);'));
writeFileSync(join(folder, 'consumer.cjs'), consumer(sameModule));
run('import from ESM', process.execPath, ['consumer.mjs']);
run('require from CommonJS', process.execPath, ['consumer.cjs']);

// 4. Compile consumers. Types of Node come from this repository's own copy; pure packages must do without them.
// Our holders of memory have [Symbol.asyncDispose], whose type TypeScript keeps in a library of its own.
mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
for (const name of ['@types/node', 'undici-types']) {
  if (!existsSync(join(folder, 'node_modules', name))) symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
}
const importsOf = (entries) =>
  `${entries.map(({ specifier }, i) => `import * as m${i} from '${specifier}';`).join('\n')}\nexport const modules: readonly object[] = [${entries.map((_, i) => `m${i}`).join(', ')}];\n`;
const browserSafe = libraries.filter(({ path, specifier }) => pure.has(path) && !specifier.endsWith('/node'));
writeFileSync(join(folder, 'node.mts'), importsOf(libraries));
writeFileSync(join(folder, 'common.cts'), importsOf(libraries));
writeFileSync(join(folder, 'browser.ts'), importsOf(browserSafe));
const strict = { strict: true, noEmit: true, skipLibCheck: false, target: 'ES2022' };
const consumers = {
  'TypeScript, nodenext': {
    files: ['node.mts', 'common.cts'],
    compilerOptions: { ...strict, module: 'nodenext', lib: ['ES2023'], types: ['node'] },
  },
  'TypeScript, bundler': {
    files: ['node.mts'],
    compilerOptions: { ...strict, module: 'esnext', moduleResolution: 'bundler', lib: ['ES2023'], types: ['node'] },
  },
  'TypeScript, bundler, in a browser': {
    files: ['browser.ts'],
    compilerOptions: { ...strict, module: 'esnext', moduleResolution: 'bundler', lib: ['ES2023', 'ESNext.Disposable', 'DOM'], types: [] },
  },
};
for (const [label, config] of Object.entries(consumers)) {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  run(label, process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json']);
}

// 5. Every command that is installed answers --help.
for (const { manifest } of published) {
  for (const command of Object.keys(manifest.bin ?? {})) run(`${command} --help`, join(folder, 'node_modules/.bin', command), ['--help']);
}

for (const problem of problems) console.error(problem);
console.log(`packed packages: ${published.length} packages, ${libraries.length} entry points, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
