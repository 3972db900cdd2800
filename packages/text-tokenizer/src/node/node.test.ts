import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { trainTokenizer } from '../index.js';
import { loadTokenizer, saveTokenizer } from './index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polymodal-node-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a saved folder loads as the same tokenizer, and leaves nothing beside its two files', async () => {
  const made = await trainTokenizer(['a red heart', '下雨天'], {
    kind: 'byte-level-bpe',
    vocabularySize: 280,
    minimumCount: 1,
    specialTokens: { padding: '<|padding|>', end: '<|endoftext|>' },
    modelMaxLength: 32,
  });
  const target = join(folder, 'new', 'folder');
  await saveTokenizer(made, target);
  await saveTokenizer(made, target);
  expect((await readdir(target)).sort()).toEqual(['tokenizer.json', 'tokenizer_config.json']);
  const loaded = await loadTokenizer(target);
  expect(loaded.toJSON()).toEqual(made.toJSON());
  expect(loaded.toConfigJSON()).toEqual(made.toConfigJSON());
  expect(loaded.modelMaxLength).toBe(32);
  expect(loaded.encodeBatch(['red', '下雨 heart'])).toEqual(made.encodeBatch(['red', '下雨 heart']));
});

test('a folder without a tokenizer, and one that cannot be written, give typed errors', async () => {
  await expect(loadTokenizer(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'TOKENIZER_FILE' });
  const file = join(folder, 'file');
  await writeFile(file, '');
  const tokenizer = await trainTokenizer([], { kind: 'byte-level-bpe', vocabularySize: 256 });
  await expect(saveTokenizer(tokenizer, file)).rejects.toMatchObject({ code: 'TOKENIZER_FILE' });
});
