import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeFolder, writeFileAtomic } from './index.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polymodal-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('writeFileAtomic', () => {
  test('writes, replaces, and leaves nothing else', async () => {
    const path = join(folder, 'weights');
    await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
    await writeFileAtomic(path, Uint8Array.of(4));
    expect([...readFileSync(path)]).toEqual([4]);
    await writeFileAtomic(path, '字\n');
    expect(readFileSync(path, 'utf8')).toBe('字\n');
    expect(readdirSync(folder)).toEqual(['weights']);
  });

  test('removes its temporary file when it fails', async () => {
    mkdirSync(join(folder, 'taken'));
    await expect(writeFileAtomic(join(folder, 'taken'), Uint8Array.of(1))).rejects.toMatchObject({ syscall: 'rename' });
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  test('throws what the file system throws where there is no folder', async () => {
    await expect(writeFileAtomic(join(folder, 'none', 'weights'), 'new')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('shows beforeRename the old file, and leaves it where that throws', async () => {
    const path = join(folder, 'index');
    writeFileSync(path, 'old');
    const seen: string[] = [];
    const look = async () => {
      seen.push(readFileSync(path, 'utf8'));
    };
    const changed = new Error('changed meanwhile');
    const refuse = () => Promise.reject(changed);
    await expect(writeFileAtomic(path, 'new', { beforeRename: refuse })).rejects.toBe(changed);
    expect(readFileSync(path, 'utf8')).toBe('old');
    await writeFileAtomic(path, 'new', { beforeRename: look });
    expect([...seen, readFileSync(path, 'utf8')]).toEqual(['old', 'new']);
    expect(readdirSync(folder)).toEqual(['index']);
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

  const minute = 60;
  test.each([
    ['a killed run', 2 ** 30, minute],
    ['a killed run whose process id is now ours', process.pid, process.uptime() + minute],
    ['a writer on another machine, a day ago', process.ppid, 24 * 60 * minute + minute],
  ])('temporary files of %s go with the next write, those of live writers and others stay', async (_, pid, age) => {
    const stale = `.other.${pid}-0123456789ab.polymodal-tmp`;
    const live = [process.pid, process.ppid].map((id) => `.weights.${id}-ba9876543210.polymodal-tmp`);
    const others = [`.other.${2 ** 30}.tmp`, 'other.polymodal-tmp'];
    for (const file of [stale, ...live, ...others]) writeFileSync(join(folder, file), 'half');
    const time = Date.now() / 1000 - age;
    utimesSync(join(folder, stale), time, time);
    await writeFileAtomic(join(folder, 'weights'), 'whole');
    expect(readdirSync(folder).sort()).toEqual([...live, ...others, 'weights'].sort());
  });
});

describe('makeFolder', () => {
  test('makes a folder and those above it, once or many times at once', async () => {
    const deep = join(folder, 'a', 'b', 'c');
    await Promise.all([makeFolder(deep), makeFolder(deep), makeFolder(join(folder, 'a', 'd'))]);
    await makeFolder(deep);
    expect(statSync(deep).isDirectory()).toBe(true);
    expect(readdirSync(join(folder, 'a')).sort()).toEqual(['b', 'd']);
  });

  test('takes a link to a folder for one', async () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'), 'junction');
    await makeFolder(join(folder, 'link'));
    await makeFolder(join(folder, 'link', 'deep'));
    expect(existsSync(join(folder, 'real', 'deep'))).toBe(true);
  });

  test('throws where a file is in the way', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(folder, 'file', 'a', 'b'))).rejects.toMatchObject({ code: expect.stringMatching(/^E(NOTDIR|EXIST)$/) });
  });

  (existsSync('/proc') ? test : test.skip)('returns from a place that takes no folders', async () => {
    await expect(makeFolder('/proc/polymodal/a/b')).rejects.toMatchObject({ syscall: 'mkdir' });
  });
});
