import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repository } from './snippets.js';

const guide = join(repository, 'docs/guide');
const blocks = (path: string): string[] => [...readFileSync(path, 'utf8').matchAll(/^```[\s\S]*?^```/gm)].map(([block]) => block);

test.each(readdirSync(guide))('%s has a Chinese page with the same code', (name) => {
  expect(blocks(join(repository, 'docs/zh/guide', name))).toEqual(blocks(join(guide, name)));
});
