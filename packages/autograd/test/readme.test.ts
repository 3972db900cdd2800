import { expect, test } from '@jest/globals';
import { expectPrinted, expectShown, readReadme } from '../../../scripts/readme-example.js';
import * as ops from '../src/ops/index.js';

test("the README's example is the file that this test runs, and prints what the README says", async () => {
  await expectShown(import.meta.url, ['readme-example.ts']);
  await expectPrinted(import.meta.url, () => import('./readme-example.js'));
});

test("the README's table names every operator, and none that does not exist", async () => {
  const readme = await readReadme(import.meta.url);
  const table = readme.slice(readme.indexOf('## Operators'), readme.indexOf('## Adding an operator'));
  const named = [...table.matchAll(/^\| [^|]+ \| ([^|]+) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
  );
  expect(named.sort()).toEqual(Object.keys(ops).sort());
});
