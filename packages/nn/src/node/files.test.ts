import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readSafetensors } from './read-safetensors.js';
import { writeWeightsFile } from './write-files.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polymodal-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const golden = fileURLToPath(new URL('../goldens/projector.safetensors', import.meta.url));

describe('what cannot be written', () => {
  test('is an error that says which path', async () => {
    const taken = join(folder, 'taken');
    mkdirSync(taken);
    for (const path of [taken, join(folder, 'none', 'weights')])
      await expect(writeWeightsFile(path, Uint8Array.of(1))).rejects.toMatchObject({
        code: 'CHECKPOINT_WRITE',
        message: expect.stringContaining(path),
      });
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});

describe('readSafetensors', () => {
  test('reads a file', async () => {
    const { tensors } = await readSafetensors(golden);
    expect(tensors.get('model.mm_projector.0.weight')).toMatchObject({ type: 'float32', dims: [20, 12] });
  });

  test('names the path and the fix, once', async () => {
    const path = join(folder, 'cut.safetensors');
    const bytes = readFileSync(golden);
    writeFileSync(path, bytes.subarray(0, bytes.length - 4));
    const message = expect.stringMatching(
      /cut\.safetensors: The header describes .* bytes of data, but the file holds .*; fetch the file again\.$/,
    );
    await expect(readSafetensors(path)).rejects.toMatchObject({
      code: 'CHECKPOINT_TRUNCATED',
      message,
      fix: expect.stringContaining('fetch'),
    });
    writeFileSync(path, '');
    await expect(readSafetensors(path)).rejects.toMatchObject({ code: 'CHECKPOINT_TRUNCATED' });
  });

  test('refuses what is no file, without waiting for one', async () => {
    await expect(readSafetensors(join(folder, 'none'))).rejects.toMatchObject({ code: 'CHECKPOINT_FILE' });
    await expect(readSafetensors(folder)).rejects.toMatchObject({
      code: 'CHECKPOINT_FILE',
      message: expect.stringContaining('not a file'),
    });
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(readSafetensors(join(folder, 'pipe'))).rejects.toMatchObject({ code: 'CHECKPOINT_FILE' });
  });
});
