import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RetrievalError } from '../src/errors.js';
import { loadIndex, openIndex, saveIndex } from '../src/node/index.js';
import { lettersPlugin, lettersSpace, loadLetters } from './letters.js';

let folder: string;
let path: string;
let embedded: number;
const space = lettersPlugin((count) => {
  embedded += count;
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polymodal-retrieval-'));
  path = join(folder, '.polymodal', 'index.bin');
  embedded = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const words = (...list: string[]) => list.map((word) => write(`${word}.txt`, word));
const open = (options: Partial<Parameters<typeof openIndex>[1]> = {}) => openIndex(path, { space, load: loadLetters, ...options });
const codeOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error !== undefined && !(error instanceof RetrievalError)) throw error;
  return error?.code;
};

describe('add and search', () => {
  test('finds files by text, by content and by vector, and again after reopening', async () => {
    const files = words('apple', 'banana', 'cherry');
    const index = await open();
    expect(await index.add(files)).toEqual({ added: 3, skipped: 0, failed: [] });
    for (const opened of [index, await open({ mode: 'existing' })]) {
      const [hit] = await opened.search({ text: 'a nab' }, { k: 1 });
      expect(hit).toMatchObject({ id: files[1], metadata: { path: files[1], size: 6 } });
      const [twin] = await opened.search({ image: { data: new TextEncoder().encode('CHERRY'), width: 6, height: 1 } });
      expect(twin).toMatchObject({ id: files[2], score: expect.closeTo(1, 5) });
      const vector = new Float32Array(27).fill(1, 15, 16);
      expect((await opened.search({ vector }, { k: 1 }))[0]!.id).toBe(files[0]);
    }
  });

  test('skips unchanged files, embeds changed ones, and knows touched, moved and copied content by its hash', async () => {
    const [apple, banana, cherry] = words('apple', 'banana', 'cherry') as [string, string, string];
    await (await open()).add([apple, banana, cherry]);
    const saved = readFileSync(path);
    embedded = 0;
    expect(await (await open()).add([apple, banana, cherry])).toMatchObject({ added: 0, skipped: 3 });
    expect(readFileSync(path)).toEqual(saved);

    utimesSync(apple, 1, 1);
    const moved = join(folder, 'moved.txt');
    renameSync(banana, moved);
    expect(await (await open()).add([apple, moved, cherry])).toMatchObject({ added: 1, skipped: 2 });
    expect(embedded).toBe(0);

    appendFileSync(cherry, 'zzz');
    expect(await (await open()).add([apple, moved, cherry])).toMatchObject({ added: 1, skipped: 2 });
    expect(embedded).toBe(1);
    expect((await (await open()).search({ text: 'z' }, { k: 1 }))[0]!.id).toBe(cherry);
  });

  test('reports bad files in order and indexes the rest', async () => {
    const [a, b, c] = words('apple', 'UNEMBEDDABLE', 'cherry') as [string, string, string];
    const empty = write('empty', '');
    const nan = write('nan', 'NAN');
    mkdirSync(join(folder, 'sub'));
    const files = [join(folder, 'absent'), a, empty, b, join(folder, 'sub'), c, nan];
    const report = await (await open({ batchSize: 4 })).add(files);
    expect(report).toMatchObject({ added: 2, skipped: 0 });
    expect(report.failed.map(({ id }) => id)).toEqual([files[0], empty, b, files[4], nan]);
    expect(report.failed.map(({ error }) => (error as { code?: string }).code)).toEqual([
      'ENOENT',
      undefined,
      undefined,
      'FILE_KIND',
      'VECTOR_NOT_FINITE',
    ]);
    expect(await (await open()).size()).toBe(2);
  });

  test('a file whose new content fails loses its old vector; one that cannot be read keeps it', async () => {
    const [apple, banana] = words('apple', 'banana') as [string, string];
    const index = await open();
    await index.add([apple, banana]);
    writeFileSync(apple, '');
    rmSync(banana);
    expect((await index.add([apple, banana])).failed).toHaveLength(2);
    expect((await index.search({ text: 'a' })).map(({ id }) => id)).toEqual([banana]);
  });

  test('files over the limit are not read', async () => {
    const index = await open({ maxFileBytes: 5 });
    expect((await index.add(words('apple', 'banana'))).failed).toMatchObject([{ error: { code: 'FILE_TOO_LARGE' } }]);
  });

  test('progress runs to the end', async () => {
    const seen: (readonly [number, number | undefined])[] = [];
    await (await open({ batchSize: 2 })).add(words('a', 'b', 'c', 'd', 'e'), { onProgress: ({ done, total }) => seen.push([done, total]) });
    expect(seen).toEqual([
      [2, 5],
      [4, 5],
      [5, 5],
      [5, 5],
    ]);
  });

  test('an abort keeps what is done, and the next call goes on', async () => {
    const files = words('a', 'b', 'c', 'd', 'e', 'f');
    const controller = new AbortController();
    const running = (await open({ batchSize: 2 })).add(files, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(running).rejects.toThrow('aborted');
    expect(await (await loadIndex(path)).size()).toBe(2);
    expect(await (await open()).add(files)).toMatchObject({ added: 4, skipped: 2 });
  });

  test('remove saves', async () => {
    const files = words('a', 'b');
    const index = await open();
    await index.add(files);
    expect(await index.remove([files[0]!, 'nobody'])).toBe(1);
    expect(await (await loadIndex(path)).size()).toBe(1);
  });
});

describe('refuses', () => {
  test('searching before indexing', async () => {
    expect(await codeOf(open({ mode: 'existing' }))).toBe('INDEX_MISSING');
  });

  test('an index of another model, unless it is to be replaced; the file stays until the first save', async () => {
    await (await open()).add(words('apple'));
    const other = lettersPlugin();
    const parts = other.parts.map((part) => ({ ...part, space: { name: 'other', fingerprint: 'ff' } }));
    const renamed = { ...other, parts } as unknown as typeof other;
    await expect(open({ space: renamed })).rejects.toThrow("is in space 'letters' (00000000000000aa), but 'other' (ff) was expected");
    const before = readFileSync(path);
    expect(await (await open({ space: renamed, mode: 'replace' })).size()).toBe(0);
    expect(readFileSync(path)).toEqual(before);
  });

  test('a damaged index, unless it is to be replaced', async () => {
    const files = words('apple');
    await (await open()).add(files);
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
    expect(await codeOf(open())).toBe('INDEX_DAMAGED');
    await (await open({ mode: 'replace' })).add(files);
    expect(await (await open()).size()).toBe(1);
  });

  test('what is no file or cannot be read', async () => {
    mkdirSync(path, { recursive: true });
    expect(await codeOf(open({ mode: 'replace' }))).toBe('INDEX_READ');
    expect(await codeOf(openIndex(join(write('file', ''), 'index.bin'), { space, load: loadLetters }))).toBe('INDEX_READ');
  });

  test('a folder that cannot be written, before anything is embedded', async () => {
    const files = words('apple');
    const index = await openIndex('/proc/polymodal/index.bin', { space, load: loadLetters });
    expect(await codeOf(index.add(files))).toBe('INDEX_WRITE');
    expect(embedded).toBe(0);
  });

  test('overwriting what another process saved meanwhile', async () => {
    const [first, second] = [await open(), await open()];
    await first.add(words('apple'));
    expect(await codeOf(second.add(words('banana')))).toBe('INDEX_CHANGED');
    expect(await (await open()).size()).toBe(1);
    expect(readdirSync(join(folder, '.polymodal'))).toEqual(['index.bin']);
  });

  test('plugins without embedders, queries of an unknown modality or of none, a foolish batch size', async () => {
    expect(await codeOf(open({ space: { parts: [] } }))).toBe('EMBEDDER_MISSING');
    const index = await open();
    expect(await codeOf(index.search({ audio: { data: new Float32Array(1), sampleRate: 1 } }))).toBe('EMBEDDER_MISSING');
    expect(await codeOf(index.search({} as { text: string }))).toBe('CONTENT_PART');
    expect(await codeOf(open({ batchSize: 0 }))).toBe('BATCH_SIZE');
  });
});

describe('a kill', () => {
  test('in the middle of indexing leaves a sound index, from which the next run goes on', async () => {
    const files = Array.from({ length: 40 }, (_, i) => write(`${i}.txt`, `word ${'abcdefghij'[i % 10]} ${i} ${'z'.repeat(i)}`));
    const script = join(folder, 'index-forever.mjs');
    const esbuild = createRequire(import.meta.url).resolve('esbuild/bin/esbuild');
    const source = fileURLToPath(new URL('index-forever.ts', import.meta.url));
    execFileSync(esbuild, [
      source,
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--conditions=@polymodal/source',
      `--outfile=${script}`,
      '--log-level=error',
    ]);

    const child = spawn(process.execPath, [script, path, ...files], { stdio: ['ignore', 'pipe', 'inherit'] });
    let done = 0;
    for await (const chunk of child.stdout) {
      done = Number(String(chunk).trim().split('\n').at(-1));
      if (done >= 10) break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    // As if it had been killed while it wrote, too.
    writeFileSync(join(folder, '.polymodal', `.index.bin.${child.pid}-000000000000.polymodal-tmp`), 'half');

    const left = await (await open()).size();
    // What was reported as done may not all be saved yet: on a busy machine, saving lags by a few batches.
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(40);
    expect(await (await open()).add(files)).toEqual({ added: 40 - left, skipped: left, failed: [] });
    expect(embedded).toBe(40 - left);
    expect(readdirSync(join(folder, '.polymodal'))).toEqual(['index.bin']);
  });

  test('a save that fails leaves the earlier file', async () => {
    await (await open()).add(words('apple'));
    const index = await loadIndex(path);
    expect(await codeOf(saveIndex(path, index, { state: undefined }))).toBe('INDEX_CHANGED');
    expect(await (await loadIndex(path, { space: lettersSpace })).size()).toBe(1);
    expect(await codeOf(saveIndex(join(path, 'below', 'a-file'), index))).toBe('INDEX_WRITE');
    expect(existsSync(path)).toBe(true);
  });
});
