import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readSafetensors } from './read-safetensors.js';
import { writeFileAtomic } from './write-file-atomic.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polymodal-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const golden = fileURLToPath(new URL('../goldens/projector.safetensors', import.meta.url));

describe('writeFileAtomic', () => {
  test('writes, replaces, and leaves nothing else', async () => {
    const path = join(folder, 'weights');
    await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
    await writeFileAtomic(path, Uint8Array.of(4));
    expect([...readFileSync(path)]).toEqual([4]);
    expect(readdirSync(folder)).toEqual(['weights']);
  });

  test('removes its temporary file when it fails', async () => {
    mkdirSync(join(folder, 'taken'));
    await expect(writeFileAtomic(join(folder, 'taken'), Uint8Array.of(1))).rejects.toMatchObject({ code: 'CHECKPOINT_WRITE' });
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  test('says which path could not be written', async () => {
    const path = join(folder, 'none', 'weights');
    await expect(writeFileAtomic(path, Uint8Array.of(1))).rejects.toMatchObject({
      code: 'CHECKPOINT_WRITE',
      message: expect.stringContaining(path),
    });
  });

  test('writers at once leave one whole file', async () => {
    const path = join(folder, 'weights');
    const values = Array.from({ length: 8 }, (_, i) => new Uint8Array(100_000).fill(i));
    await Promise.all(values.map((bytes) => writeFileAtomic(path, bytes)));
    const written = readFileSync(path);
    expect(written).toHaveLength(100_000);
    expect(new Set(written).size).toBe(1);
    expect(readdirSync(folder)).toEqual(['weights']);
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
