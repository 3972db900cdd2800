import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { starterFolder as shipped } from '@polymodal/starter/node';
import { repositoryFolder, starterFolder } from './folders.js';

test('the clone is found from any depth: sources and what is built from them lie at different ones', () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'polymodal-clone-')));
  const deep = join(root, 'apps', 'recipes', 'dist');
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(root, 'apps', 'recipes', 'package.json'), '{ "name": "@polymodal/recipes" }');
  writeFileSync(join(root, 'package.json'), '{ "name": "polymodal-monorepo" }');
  expect(repositoryFolder(deep)).toBe(root);
  expect(repositoryFolder(root)).toBe(root);
  writeFileSync(join(root, 'package.json'), '{ "name": "another" }');
  expect(() => repositoryFolder(deep)).toThrow(expect.objectContaining({ code: 'REPOSITORY_MISSING' }));
  rmSync(root, { recursive: true });
});

test('training writes where the package has its model', () => {
  expect(starterFolder()).toBe(shipped);
});
