import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

// What a user of the built package gets: an empty project with this package, the contract and a runtime installed.

const packages = fileURLToPath(new URL('../../', import.meta.url));
const rootOf = (name: string) => join(packages, '../node_modules', name);
const project = mkdtempSync(join(tmpdir(), 'autograd-built-'));
const installed = join(project, 'node_modules');

/** Runs a module of the project; one that does not end in time is an error. */
function run(code: string): string {
  writeFileSync(join(project, 'main.js'), code);
  return execFileSync(process.execPath, ['main.js'], { cwd: project, encoding: 'utf8', timeout: 30_000 });
}

function build(name: string): void {
  const target = join(installed, '@polymodal', name);
  mkdirSync(target, { recursive: true });
  cpSync(join(packages, name, 'package.json'), join(target, 'package.json'));
  const tsup = join(rootOf('tsup'), 'dist/cli-default.js');
  execFileSync(process.execPath, [tsup, '--no-dts', '--silent', '--out-dir', join(target, 'dist')], {
    cwd: join(packages, name),
    stdio: 'pipe',
  });
}

beforeAll(() => {
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  build('modality-registry');
  build('autograd');
  for (const name of ['pbf', 'onnxruntime-node']) symlinkSync(rootOf(name), join(installed, name));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const program = (runtime: string, end: string) => `
  import * as ort from 'onnxruntime-node';
  import { emitOnnx, onnxBackend, ops } from '@polymodal/autograd';
  const backend = onnxBackend(${runtime});
  const x = ops.input('x', 'float32', [2]);
  const graph = await backend.compile(emitOnnx({ outputs: { y: ops.mul(x, 2) } }));
  const { y } = await graph.run({ x: { type: 'float32', dims: [2], data: Float32Array.of(1, 2) } });
  console.log(backend.name, [...(await y.read())].join());
  ${end}
`;

test('runs in the thread, and finds its worker', () => {
  expect(run(program('ort', 'await backend.dispose()'))).toBe('onnxruntime 2,4\n');
  expect(run(program("{ worker: 'onnxruntime-node' }", 'await backend.dispose()'))).toBe('onnxruntime-node (worker) 2,4\n');
});

test('a process ends though its backend was not disposed of', () => {
  expect(run(program("{ worker: 'onnxruntime-node' }", ''))).toBe('onnxruntime-node (worker) 2,4\n');
});

test('a bundler for browsers takes it without configuration', () => {
  writeFileSync(
    join(project, 'page.js'),
    "import { onnxBackend } from '@polymodal/autograd';\nglobalThis.backend = onnxBackend({ worker: '/ort.js' });\n",
  );
  const esbuild = join(rootOf('esbuild'), 'bin/esbuild');
  const bundle = ['page.js', '--bundle', '--platform=browser', '--format=esm', '--outfile=page.bundle.js', '--log-level=warning'];
  expect(execFileSync(esbuild, bundle, { cwd: project, encoding: 'utf8' })).toBe('');
});
