import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { repositoryFolder } from './starter/folders.js';

const loader = pathToFileURL(join(repositoryFolder(), 'scripts', 'source-loader.mjs')).href;
const parametersOf = (name: string, ...argv: string[]) => [
  '--conditions=@polymodal/source',
  '--import',
  loader,
  fileURLToPath(new URL(`./${name}.ts`, import.meta.url)),
  ...argv,
];
const run = (name: string, ...argv: string[]) => spawnSync(process.execPath, parametersOf(name, ...argv), { encoding: 'utf8' });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polymodal-recipes-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['train-starter', 'eval-starter'])('%s', (name) => {
  test('--help says what it does and what it takes', () => {
    const { status, stdout, stderr } = run(name, '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`npm run ${name.replace('-', ':')}`);
  });

  test('an unknown option is one line on stderr and exit code 1', () => {
    const { status, stdout, stderr } = run(name, '--nonsense');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^(train|eval):starter: ArgumentError \[ARGUMENT_UNKNOWN\]: .*'--nonsense'.* Try --help\.\n$/);
  });
});

test.each([
  ['--steps', '0'],
  ['--steps', '1e99'],
  ['--seed', '-1'],
  ['--seed', 'seven'],
])('train:starter refuses %s %s', (option, value) => {
  const { status, stderr } = run('train-starter', `${option}=${value}`, '--out', join(folder, 'none'), '--runs', join(folder, 'none'));
  expect(status).toBe(1);
  expect(stderr).toMatch(new RegExp(`^train:starter: ArgumentError \\[ARGUMENT_NUMBER\\]: ${option} is '${value}', but .*\n$`));
  expect(existsSync(join(folder, 'none'))).toBe(false);
});

test('eval:starter of a folder without a model is one line on stderr, also for machines', () => {
  const { status, stdout, stderr } = run('eval-starter', '--json', '--model', folder);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^eval:starter: ClipError \[CLIP_FOLDER\]: .*config\.json.*\n$/);
});

test('Ctrl-C ends a training with exit code 130 and says how to go on; nothing is written to the model', async () => {
  const out = join(folder, 'model');
  const child = spawn(process.execPath, parametersOf('train-starter', '--steps', '5', '--out', out, '--runs', join(folder, 'runs')));
  let stderr = '';
  let interrupted = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (!interrupted && stderr.includes('drawing training pictures')) interrupted = child.kill('SIGINT');
  });
  const [code] = await once(child, 'exit');
  expect(code).toBe(130);
  expect(stderr).toContain('train:starter: interrupted. Run the same command again to go on from the last checkpoint.');
  expect(existsSync(out)).toBe(false);
});
