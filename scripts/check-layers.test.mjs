import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, test } from 'node:test';
import { checkLayers } from './check-layers.mjs';

const roots = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** Writes a tree of files, runs the checker on it and returns its problems. */
function check(files) {
  const root = mkdtempSync(join(tmpdir(), 'layers-'));
  roots.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return checkLayers(root);
}

const manifest = (name, dependencies = {}) => ({ name: `@polymodal/${name}`, dependencies });
const contract = { 'packages/modality-registry/package.json': manifest('modality-registry') };
const needsContract = { '@polymodal/modality-registry': '0.0.0' };
/** The contract, a model package, and the given sources of one front end. */
const frontEnd = (files, dependencies = needsContract) => ({
  ...contract,
  'packages/clip/package.json': manifest('clip'),
  'packages/image-patcher/package.json': manifest('image-patcher', dependencies),
  ...Object.fromEntries(Object.entries(files).map(([path, content]) => [`packages/image-patcher/${path}`, content])),
});

test('a package that imports only what its row allows has no problems', () => {
  const problems = check({
    ...frontEnd({
      'src/index.ts': `export { resize } from './resize.js';\nexport type { Image } from './resize.js';\nexport * as colour from './colour.js';\n`,
      'src/resize.ts': `import type { Image } from '@polymodal/modality-registry';\nexport function resize(image: Image) { return image; }`,
      'src/node/decode.ts': `import { readFile } from 'node:fs/promises';\nexport const decode = async () => { await import('sharp'); return process.cwd() + readFile; };`,
    }),
    'packages/clip/package.json': manifest('clip', { ...needsContract, '@polymodal/image-patcher': '0.0.0' }),
    'packages/clip/src/load.ts': `import { resize } from '@polymodal/image-patcher';\nexport { resize };`,
  });
  assert.deepEqual(problems, []);
});

for (const [form, line] of Object.entries({
  'a static import': `import { clip } from '@polymodal/clip';`,
  'a type-only import': `import type { Clip } from '@polymodal/clip';`,
  'an export from': `export * from '@polymodal/clip/node';`,
  'a dynamic import': `export const load = () => import('@polymodal/clip');`,
  'a type import()': `export type Clip = import('@polymodal/clip').Clip;`,
  'a require': `const clip = require('@polymodal/clip');`,
  'a module augmentation': `declare module '@polymodal/clip' { interface Clip { name: string } }`,
})) {
  test(`${form} of a higher layer is refused and located`, () => {
    const problems = check(frontEnd({ 'src/resize.ts': `// a comment\n${line}\n` }));
    assert.equal(
      problems.filter((problem) => /^packages\/image-patcher\/src\/resize\.ts:2 imports @polymodal\/clip, but its layer/.test(problem))
        .length,
      1,
    );
  });
}

test('a dependency on a higher layer is refused in package.json too', () => {
  const [problem] = check(frontEnd({}, { '@polymodal/clip': '0.0.0' }));
  assert.match(problem, /^packages\/image-patcher\/package\.json: depends on @polymodal\/clip/);
});

test('models of the same layer that are not in the row are refused', () => {
  const [problem] = check({
    ...contract,
    'packages/retrieval/package.json': manifest('retrieval'),
    'packages/retrieval/src/a.ts': `import '@polymodal/nn';`,
    'packages/nn/package.json': manifest('nn'),
  });
  assert.match(problem, /^packages\/retrieval\/src\/a\.ts:1 imports @polymodal\/nn/);
});

test('tests may import anything', () => {
  const line = `import { clip } from '@polymodal/clip';\nimport 'node:fs';`;
  assert.deepEqual(check(frontEnd({ 'src/resize.test.ts': line, 'test/whole.test.ts': line, 'src/goldens/make.ts': line })), []);
});

test('an import that package.json does not list is refused', () => {
  const [problem] = check(frontEnd({ 'src/a.ts': `import '@polymodal/modality-registry';` }, {}));
  assert.match(problem, /lists neither in dependencies nor in peerDependencies/);
});

test('an application may load on demand, or take types from, what only its clone has', () => {
  const cli = (line) =>
    check({
      ...contract,
      'apps/recipes/package.json': manifest('recipes'),
      'apps/cli/package.json': { name: 'polymodal', devDependencies: { '@polymodal/recipes': '0.0.0' } },
      'apps/cli/src/a.ts': line,
    });
  assert.deepEqual(cli(`import type { Concept } from '@polymodal/recipes';\nexport const load = () => import('@polymodal/recipes');`), []);
  assert.match(cli(`import { load } from '@polymodal/recipes';`)[0], /lists neither/);
});

test('a path that leaves the package is refused', () => {
  const [problem] = check(frontEnd({ 'src/a.ts': `import '../../clip/src/index.js';` }));
  assert.match(problem, /reaches out of its own package/);
});

test('a workspace without a row is refused', () => {
  const [problem] = check({ ...contract, 'packages/mystery/package.json': manifest('mystery') });
  assert.match(problem, /^packages\/mystery\/package\.json: this workspace has no row/);
});

for (const [what, line] of Object.entries({
  'node:fs': `import { readFile } from 'node:fs/promises';`,
  'fs without its prefix': `import fs from 'fs';`,
  'a third-party package': `import sharp from 'sharp';`,
  process: `export const args = process.argv;`,
  Buffer: `export const size = (text: string) => Buffer.byteLength(text);`,
  'the type Buffer': `export type Bytes = Buffer;`,
  'globalThis.process': `export const node = globalThis.process !== undefined;`,
  'its own src/node': `export * from './node/decode.js';`,
})) {
  test(`a front end that uses ${what} outside src/node is refused`, () => {
    const problems = check(frontEnd({ 'src/a.ts': line, 'src/node/decode.ts': '' }));
    assert.equal(problems.length, 1);
    assert.match(problems[0], /^packages\/image-patcher\/src\/a\.ts:1 /);
  });
}

test('the one file that may load an optional peer in browsers may do so dynamically, and nothing else', () => {
  const problems = check({
    ...contract,
    'packages/video-tubelets/package.json': manifest('video-tubelets', needsContract),
    'packages/video-tubelets/src/webcodecs/mediabunny.ts': `export const load = () => import('mediabunny');\nexport const other = () => import('sharp');\nimport 'mediabunny';`,
    'packages/video-tubelets/src/webcodecs/a.ts': `export const load = () => import('mediabunny');`,
  });
  assert.deepEqual(
    problems.map((problem) => problem.split(' ')[0]),
    [
      'packages/video-tubelets/src/webcodecs/a.ts:1',
      'packages/video-tubelets/src/webcodecs/mediabunny.ts:2',
      'packages/video-tubelets/src/webcodecs/mediabunny.ts:3',
    ],
  );
});

test('a verb, a parameter or a field called process is no use of the global', () => {
  const source = `export interface Part { process(x: number): number }\nexport const part: Part = { process: (x) => x };\nexport const run = (part: Part, { process }: Part) => part.process(process(1));`;
  assert.deepEqual(check(frontEnd({ 'src/a.ts': source })), []);
});

test('a front end with a third-party dependency is refused', () => {
  const [problem] = check(frontEnd({}, { sharp: '^0.35.5' }));
  assert.match(problem, /no run-time dependency beyond the contract/);
});

test('a library that imports the runtime is refused; an application may', () => {
  const line = `import * as ort from 'onnxruntime-node';`;
  const problems = check({
    ...contract,
    'packages/nn/package.json': manifest('nn'),
    'packages/nn/src/a.ts': line,
    'apps/cli/package.json': manifest('cli'),
    'apps/cli/src/a.ts': line,
  });
  assert.deepEqual(
    problems.map((problem) => problem.split(' ')[0]),
    ['packages/nn/src/a.ts:1'],
  );
});

test('src/index.ts holds named re-exports only', () => {
  const problems = check(
    frontEnd({
      'src/index.ts': `export { a } from './a.js';\nexport * from './a.js';\nexport const b = 1;\nconsole.log(b);\n`,
      'src/a.ts': 'export const a = 1;',
    }),
  );
  assert.deepEqual(
    problems.map((problem) => problem.split(' ')[0]),
    ['packages/image-patcher/src/index.ts:2', 'packages/image-patcher/src/index.ts:3', 'packages/image-patcher/src/index.ts:4'],
  );
});
