import { test } from '@jest/globals';
import { expectPrinted, expectShown } from '../../../scripts/readme-example.js';

test('the README shows the plugin and the example as they are', () =>
  expectShown(import.meta.url, ['depth-plugin.ts', 'readme-example.ts']));

test('the example prints what the README says', () => expectPrinted(import.meta.url, () => import('./readme-example.js')));
