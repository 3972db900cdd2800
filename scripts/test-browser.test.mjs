import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findChromium } from './browser/chromium.mjs';
import { judge } from './browser/compare.mjs';
import { testBrowser } from './test-browser.mjs';

let base;
const lines = [];
const log = (line) => lines.push(line);

before(() => {
  base = mkdtempSync(join(tmpdir(), 'polymodal-suites-'));
});
after(() => rmSync(base, { recursive: true }));

function workspace(name, suites) {
  const folder = join(base, name);
  mkdirSync(join(folder, 'test'), { recursive: true });
  for (const [suite, source] of Object.entries(suites)) writeFileSync(join(folder, 'test', suite), source);
  return { folder };
}

test('what differs from Node is shown where it differs, and what fails everywhere alike is told once', () => {
  const node = [
    { suite: 's', name: 'same', result: '[1]' },
    { suite: 's', name: 'other', result: `"${'a'.repeat(200)}b"` },
    { suite: 's', name: 'broken', error: 'Error: no\n    at node' },
    { suite: 's', name: 'missing', result: undefined },
  ];
  const page = [node[0], { ...node[1], result: `"${'a'.repeat(200)}c"` }, { ...node[2], error: 'Error: no\n    at page' }];
  const { passed, failed, problems } = judge('page', page, node);
  assert.deepEqual([passed, failed, problems.length], [1, 3, 2]);
  assert.match(problems[0], /s: other\n {2}differs from Node at character 201.*\n.*a{59}c.*\n.*a{59}b/);
  assert.match(problems[1], /s: missing\n {2}ran in Node alone/);
  assert.equal(judge('Node', node, node).failed, 1);
});

test('numbers may differ by what a case allows, and what a place lacks is told and not counted as passed', () => {
  const number = (result, tolerance) => [{ suite: 's', name: 'number', result, tolerance }];
  const judged = (here, tolerance) => judge('page', number(here, tolerance), number('[1,2]', tolerance));
  assert.equal(judged('[1,2.0009]', 1e-3).passed, 1);
  for (const here of ['[1,2.002]', '[1]', '["NaN",2]', '[1,null]']) assert.equal(judged(here, 1e-3).failed, 1, here);
  assert.equal(judged('[1,2.0009]').failed, 1);

  const lacking = [{ suite: 's', name: 'number', lacks: 'no GPU' }];
  const { passed, failed, skipped, notRun } = judge('page', lacking, number('[1,2]'));
  assert.deepEqual([passed, failed, skipped, notRun], [0, 0, 1, ['page: s: number: not run (no GPU)']]);
  assert.match(judge('page', number('[1,2]'), lacking).problems[0], /did not run in Node \(no GPU\)/);
});

test('without Chromium one line says so', async () => {
  const { CHROMIUM_PATH } = process.env;
  process.env.CHROMIUM_PATH = join(base, 'no-chromium');
  try {
    lines.length = 0;
    assert.equal(await testBrowser({ from: [], log }), undefined);
    assert.deepEqual(lines, ['browser suites: not run (no Chromium)']);
  } finally {
    if (CHROMIUM_PATH === undefined) delete process.env.CHROMIUM_PATH;
    else process.env.CHROMIUM_PATH = CHROMIUM_PATH;
  }
});

if (findChromium() !== undefined) {
  test('a suite runs in Node, in a page and in a worker, and each place is compared', async () => {
    const from = [
      workspace('good', {
        'good.browser.ts': `
          const inPage = 'document' in globalThis;
          export default [
            { name: 'alike', run: () => ({ floats: Float32Array.of(1, Number.NaN), edge: [-0, 1n, undefined, '\\ud800'] }) },
            { name: 'place', run: () => (inPage ? 'page' : 'importScripts' in globalThis ? 'worker' : 'Node') },
            { name: 'bytes', run: () => Uint8Array.of(inPage ? 1 : 0) },
            { name: 'fails', run: async () => { throw new TypeError('on purpose'); } },
            { name: 'no eval', run: () => { try { return new Function('return 1')(); } catch (error) { return error.name; } } },
          ];`,
      }),
      workspace('bad', { 'throws.browser.ts': "throw new Error('at import');", 'empty.browser.ts': 'export default [];', 'a.test.ts': '' }),
    ];
    lines.length = 0;
    const { seconds, ...counts } = await testBrowser({ from, base, log });
    assert.ok(seconds > 0);
    // Of 7 outcomes in 3 places: 'alike' holds in 3, 'place' in Node, 'bytes' in Node and the worker, 'no eval' in Node.
    assert.deepEqual(counts, { suites: 3, passed: 7, failed: 14, skipped: 0 });
    const told = lines.join('\n');
    assert.match(told, /Node: good\/test\/good\.browser\.ts: fails\n {2}TypeError: on purpose/);
    assert.match(told, /Node: bad\/test\/throws\.browser\.ts: loads\n {2}Error: at import/);
    assert.match(
      told,
      /worker: good\/test\/good\.browser\.ts: place\n {2}differs from Node at character 1 of its result:\n {2}here: "worker"\n {2}Node: "Node"/,
    );
    assert.match(told, /page: good\/test\/good\.browser\.ts: no eval\n.*\n {2}here: "EvalError"/);
    assert.doesNotMatch(told, /page: good\/test\/good\.browser\.ts: (alike|fails)/);
  });

  test('a suite that never ends is given up, and its last case is named', async () => {
    const from = [
      workspace('slow', {
        'slow.browser.ts':
          "export default [{ name: 'waits', run: () => new Promise((end) => setTimeout(end, 'document' in globalThis ? 1e9 : 0)) }];",
      }),
    ];
    lines.length = 0;
    const { failed } = await testBrowser({ from, base, log, timeoutMs: 1500 });
    assert.equal(failed, 1);
    assert.match(lines[0], /page: no answer within 1\.5 s; the last case that began: slow\/test\/slow\.browser\.ts: waits/);
  });
}
