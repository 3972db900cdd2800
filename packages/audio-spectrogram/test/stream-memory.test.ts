import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

test.each([
  ['20 ms', 320],
  ['an hour', 3600 * 16_000],
])('an hour in chunks of %s takes less than 50 MB beyond its output', (_name, size) => {
  const loader = ['--conditions=@polymodal/source', '--expose-gc', '--import', path('../../../scripts/source-loader.mjs')];
  const stdout = execFileSync(process.execPath, [...loader, path('stream-memory.ts'), String(size)], { encoding: 'utf8' });
  const { frames, grown } = JSON.parse(stdout);
  expect(frames).toBe(360_000);
  expect(grown).toBeLessThan(50 * 1e6);
});
