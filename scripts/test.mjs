#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { testBrowser } from './test-browser.mjs';
import { root, workspaces } from './workspaces.mjs';

/** `npm test`: every workspace's tests through turbo, the tests of these scripts, the browser suites, then one table of what ran. */

const tested = workspaces().filter(({ manifest }) => manifest.scripts?.test);
const totalsOf = ({ folder }) => join(folder, '.test-totals.json');
for (const workspace of tested) rmSync(totalsOf(workspace), { force: true });

const turbo = join(root, 'node_modules/turbo/bin/turbo');
const turboArguments = ['run', 'test', '--concurrency=2', '--output-logs=new-only', '--continue', ...process.argv.slice(2)];
const packages = spawnSync(process.execPath, [turbo, ...turboArguments], { cwd: root, stdio: 'inherit' });

/** Runs `scripts/*.test.mjs` with Node's own runner and counts. */
async function testScripts() {
  const files = readdirSync(join(root, 'scripts')).filter((name) => name.endsWith('.test.mjs'));
  const counts = { suites: files.length, passed: 0, failed: 0, skipped: 0, seconds: 0 };
  const started = Date.now();
  const stream = run({ files: files.map((name) => join(root, 'scripts', name)), concurrency: 2 });
  stream.on('test:pass', (event) => {
    counts[event.skip ? 'skipped' : 'passed'] += 1;
  });
  stream.on('test:fail', () => {
    counts.failed += 1;
  });
  for await (const text of stream.compose(spec)) process.stdout.write(text);
  return { ...counts, seconds: (Date.now() - started) / 1000 };
}

const filtered = process.argv.length > 2;
const rows = tested
  .filter((workspace) => !filtered || existsSync(totalsOf(workspace)))
  .map((workspace) => {
    const counts = existsSync(totalsOf(workspace))
      ? JSON.parse(readFileSync(totalsOf(workspace), 'utf8'))
      : { suites: 0, passed: 0, failed: 1, skipped: 0, seconds: 0 };
    return { name: workspace.path, ...counts };
  });
if (!filtered) {
  rows.push({ name: 'scripts', ...(await testScripts()) });
  const browser = await testBrowser();
  if (browser !== undefined) rows.push({ name: 'browser', ...browser });
}

const width = Math.max(...rows.map(({ name }) => name.length), 9);
const line = (name, ...cells) => `${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(9)).join('')}`;
const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
console.log(`\n${line('workspace', 'suites', 'passed', 'failed', 'skipped', 'seconds')}`);
for (const row of rows) console.log(line(row.name, row.suites, row.passed, row.failed, row.skipped, row.seconds.toFixed(1)));
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exitCode = packages.status === 0 && sum('failed') === 0 ? 0 : 1;
