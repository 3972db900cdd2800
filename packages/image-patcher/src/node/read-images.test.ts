import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { goldenBytes, goldenPath, sha256 } from '../../test/goldens.js';
import { decodeImage } from './decode.js';
import { type ReadImage, type ReadImagesOptions, readImages } from './read-images.js';

const source = (name: string) => goldenPath(`source/${name}`);
const code = (value: string) => expect.objectContaining({ code: value });

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polymodal-folder-'));
  for (const name of ['b', 'B', '.hidden', 'node_modules', 'other']) await mkdir(at('all', name), { recursive: true });
  await copyFile(source('one_pixel.png'), at('all', 'b', 'no-extension'));
  await copyFile(source('cat_q90_420.jpg'), at('all', 'B', 'wrong-name.png'));
  await copyFile(source('palette_128x96.gif'), at('all', 'b.gif'));
  await copyFile(source('strip_1500x10.png'), at('all', 'ä.png'));
  await copyFile(source('one_pixel.png'), at('all', '.hidden', 'thumbnail.png'));
  await copyFile(source('one_pixel.png'), at('all', 'node_modules', 'icon.png'));
  await writeFile(at('all', 'notes.png'), 'these are words');
  await writeFile(at('all', 'empty.jpg'), '');
  await writeFile(at('all', 'cut.png'), (await readFile(source('gradient_301x227.png'))).subarray(0, 900));
  await symlink(at('all', 'B', 'wrong-name.png'), at('all', 'linked'));
  await symlink(at('all', 'b'), at('all', 'linked-folder'));
  if (process.platform !== 'win32') execFileSync('mkfifo', [at('all', 'pipe.png')]); // no file, and left out
  await symlink(at('all', 'gone.png'), at('all', 'nowhere'));
  await mkdir(at('good'));
  for (let i = 0; i < 40; i++) await copyFile(source('one_pixel.png'), at('good', `${i}`.padStart(2, '0')));
});
afterAll(() => rm(folder, { recursive: true }));

/** What comes of a folder: names below it, in the order in which they come. */
async function readAll(name: string, options: ReadImagesOptions = {}) {
  const short = (path: string) => path.slice(at(name).length + 1).replaceAll('\\', '/');
  const [read, skipped, failed]: [string[], string[], Record<string, unknown>] = [[], [], {}];
  const onSkip = (path: string) => skipped.push(short(path));
  const onError = ({ path, error }: { path: string; error: unknown }) => {
    failed[short(path)] = Object(error).code;
  };
  for await (const { path, image } of readImages(at(name), { onSkip, onError, ...options })) {
    expect(sha256(image.data)).toBe(sha256((await decodeImage(path)).data));
    read.push(short(path));
  }
  return { read, skipped, failed };
}

test('pictures come by content, in the order of their paths; what is none is told, and what cannot be read', async () => {
  expect(await readAll('all')).toEqual({
    read: ['B/wrong-name.png', 'b.gif', 'b/no-extension', 'linked', 'ä.png'],
    skipped: ['empty.jpg', 'notes.png'],
    failed: { 'cut.png': 'IMAGE_TRUNCATED', nowhere: 'IMAGE_FILE' },
  });
  expect((await readAll('all', { recursive: false })).read).toEqual(['b.gif', 'linked', 'ä.png']);
  expect((await readAll('all', { readAhead: 1 })).read).toHaveLength(5);
});

async function widths(images: AsyncIterable<ReadImage>): Promise<number[]> {
  const out: number[] = [];
  for await (const { image } of images) out.push(image.width);
  return out;
}

test('a file URL will do, and options of decoding hold', async () => {
  const limited = readImages(pathToFileURL(at('all')), { maxPixels: 20_000, onError: () => {} });
  expect(await widths(limited)).toEqual([128, 1, 1500]);
});

test('without onError the first picture that cannot be read ends the stream, by name', async () => {
  await expect(widths(readImages(at('all')))).rejects.toThrow(code('IMAGE_TRUNCATED'));
  await expect(widths(readImages(at('all')))).rejects.toThrow(`${at('all', 'cut.png')}: the PNG`);
});

test('progress counts every file', async () => {
  const done: number[] = [];
  await readAll('all', { onProgress: (progress) => done.push(progress.done) });
  expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('an aborted signal ends the stream with its reason, within one picture', async () => {
  const controller = new AbortController();
  const read: string[] = [];
  const reading = async () => {
    for await (const { path } of readImages(at('good'), { signal: controller.signal })) {
      read.push(path);
      if (read.length === 3) controller.abort(new Error('enough'));
    }
  };
  await expect(reading()).rejects.toThrow('enough');
  expect(read).toHaveLength(3);
  await expect(readImages(at('good'), { signal: AbortSignal.abort(new Error('before')) }).next()).rejects.toThrow('before');
});

test('no more is decoded ahead than asked for', async () => {
  // Files that are removed while the first is looked at are found missing, but for those decoded ahead.
  await mkdir(at('few'));
  for (let i = 0; i < 9; i++) await copyFile(source('one_pixel.png'), at('few', `${i}`));
  const failed: string[] = [];
  let read = 0;
  for await (const _ of readImages(at('few'), { readAhead: 3, onError: ({ path }) => failed.push(path) })) {
    if (++read === 1) for (let i = 3; i < 9; i++) await rm(at('few', `${i}`));
  }
  expect([read, failed.length]).toEqual([3, 6]);
});

describe('bad input', () => {
  test.each([0, -1, 1.5, Number.NaN])('readAhead of %p is refused', async (readAhead) => {
    await expect(readImages(at('good'), { readAhead }).next()).rejects.toThrow(code('IMAGE_READ_AHEAD'));
  });

  test('a folder that is not there, and a file in its place', async () => {
    await expect(readImages(at('absent')).next()).rejects.toThrow(code('IMAGE_FILE'));
    await expect(readImages(source('one_pixel.png'), { onError: () => {} }).next()).rejects.toThrow('cannot be read');
  });

  test('a large file that is no picture is left out, not read whole', async () => {
    await mkdir(at('large'));
    await writeFile(at('large', 'film.mp4'), goldenBytes('source/noise_260x300.png').fill(7));
    expect(await readAll('large', { maxBytes: 100_000 })).toEqual({ read: [], skipped: ['film.mp4'], failed: {} });
  });
});
