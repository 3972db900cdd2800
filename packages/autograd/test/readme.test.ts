import { expect, test } from '@jest/globals';
import { expectPrinted, expectShown, readReadme } from '../../../scripts/readme-example.js';
import * as ops from '../src/ops/index.js';
import { operatorCases } from './operator-cases.js';
import { wasmGaps, webGpuGaps } from './runtime-gaps.js';

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

test("the README's table of what WebGPU lacks is the measured list", async () => {
  const readme = await readReadme(import.meta.url);
  const told = (row: string) =>
    new Set(
      [
        ...readme
          .slice(readme.indexOf(`| ${row} |`))
          .split('\n', 1)[0]!
          .matchAll(/`(\w+)`/g),
      ].map(([, name]) => name),
    );
  const operators = (rows: readonly string[]) => new Set(rows.filter((row) => !row.includes('int64')).map((row) => /^\w+/.exec(row)![0]));
  expect(told('fail or are wrong')).toEqual(operators(webGpuGaps.fails));
  expect(told('go to the CPU and back')).toEqual(operators(Object.values(webGpuGaps.onCpu).flat()));
});

test('the list of what runtimes lack speaks of rows that there are', () => {
  const names = new Set(operatorCases.map(({ name }) => name));
  const listed = [wasmGaps, webGpuGaps].flatMap(({ fails, onCpu }) => [
    ...fails.map((row) => row.replace(/: gradient$/, '')),
    ...Object.values(onCpu).flat(),
  ]);
  expect(listed.filter((name) => !names.has(name))).toEqual([]);
});
