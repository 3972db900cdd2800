import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs `npm run fuzz` on targets whose names contain `only`; its lines. */
async function fuzz(only, count) {
  const source = ['--conditions=@polymodal/source', '--import', './scripts/source-loader.mjs', 'scripts/fuzz.mjs'];
  const { stdout } = await promisify(execFile)(process.execPath, [...source, '--only', only, '--count', String(count)], { cwd: root });
  return stdout.trim().split('\n');
}

test('readers of weights stand 2,000 made files of each kind, of which a good part is sound', { timeout: 600_000 }, async () => {
  const lines = await fuzz('made', 2000);
  assert.equal(lines.length, 7);
  for (const line of lines) {
    const [, accepted, faults] = /: 2000 runs, (\d+) accepted, \d+ refused, (\d+) faults/.exec(line);
    assert.equal(Number(faults), 0, line);
    assert.ok(Number(accepted) > 40, line);
  }
});
