import { test } from '@jest/globals';
import { expectPrinted, expectShown } from '../../../scripts/readme-example.js';

test("the README's example is the file that this test runs, and prints what the README says", async () => {
  await expectShown(import.meta.url, ['readme-example.ts']);
  await expectPrinted(import.meta.url, () => import('./readme-example.js'));
});
