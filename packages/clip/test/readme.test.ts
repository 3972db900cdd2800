import { expect, test } from '@jest/globals';
import { codeBlock, expectPrinted, expectShown, readReadme } from '../../../scripts/readme-example.js';
import { parseClipConfig } from '../src/index.js';

test("the README's example is the file that this test runs, and prints what the README says", async () => {
  await expectShown(import.meta.url, ['readme-example.ts']);
  await expectPrinted(import.meta.url, () => import('./readme-example.js'));
});

test("the README's configuration is one, whole", async () => {
  const config = JSON.parse(codeBlock(await readReadme(import.meta.url), 'json'));
  expect(parseClipConfig(config)).toEqual(config);
});
