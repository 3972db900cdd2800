import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import type { TimedFrame } from '../../animation.js';
import { openAnimation } from '../../node.js';
import { loadSharp } from './sharp.js';

interface Golden {
  readonly file: string;
  readonly frames: readonly string[];
}

const goldens: { width: number; height: number; seconds: number[]; gif: Golden; webp: Golden } = JSON.parse(
  readFileSync(new URL('../../../test/goldens/animations.json', import.meta.url), 'utf8'),
);
const gif = new Uint8Array(Buffer.from(goldens.gif.file, 'base64'));
const folder = mkdtempSync(join(tmpdir(), 'polymodal-animation-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** RGBA in base 64, with transparent pixels zeroed: their colour is not shown. */
async function shownPixels({ data, width, height, channels }: TimedFrame): Promise<string> {
  const raw = { width, height, channels: channels as 3 | 4 };
  const rgba = await sharp(Buffer.from(data), { raw }).ensureAlpha().raw().toBuffer();
  for (let i = 0; i < rgba.length; i += 4) if (rgba[i + 3] === 0) rgba.fill(0, i, i + 4);
  return rgba.toString('base64');
}

describe.each(['gif', 'webp'] as const)('%s', (format) => {
  test('frames smaller than the canvas are composed as Pillow does', async () => {
    const { width, height, seconds } = goldens;
    const { info, frames, frameRate } = await openAnimation(new Uint8Array(Buffer.from(goldens[format].file, 'base64')));
    expect({ info, frameRate }).toEqual({ info: { format, width, height, frames: 5 }, frameRate: undefined });
    const read = await all(frames);
    expect(await Promise.all(read.map(shownPixels))).toEqual(goldens[format].frames);
    expect(read.map((frame) => frame.seconds)).toEqual(seconds);
    expect(read.map(({ time }) => Number(time.toFixed(6)))).toEqual([0, 0.1, 0.15, 0.35, 0.38]);
  });
});

test('a large animation is decoded in parts, and each loop begins anew', async () => {
  // Nine frames of 2 Mpx: more than is decoded at once.
  const [width, height, count] = [2000, 1000, 9];
  const strip = Buffer.concat(Array.from({ length: count }, (_, i) => Buffer.alloc(width * height, 28 * i)));
  const raw = { width, height: height * count, channels: 1 as const, pageHeight: height };
  const bytes = await sharp(strip, { raw })
    .webp({ lossless: true, effort: 0, delay: Array(count).fill(40) })
    .toBuffer();
  const animation = await openAnimation(bytes);
  expect(animation.frameRate).toBe(25);
  for (const _ of [1, 2])
    expect((await all(animation.frames)).map(({ data }) => data[0])).toEqual([0, 28, 56, 84, 112, 140, 168, 196, 224]);
});

test('a file by its path or address is that file', async () => {
  const path = join(folder, 'a file.gif');
  writeFileSync(path, gif);
  const frames = await all((await openAnimation(gif)).frames);
  expect(await all((await openAnimation(path)).frames)).toEqual(frames);
  expect(await all((await openAnimation(pathToFileURL(path))).frames)).toEqual(frames);
});

test('an ArrayBuffer is its bytes', async () => {
  const { info } = await openAnimation(Uint8Array.from(gif).buffer);
  expect(info).toEqual((await openAnimation(gif)).info);
});

test('a picture that does not move is one frame', async () => {
  const still = await sharp({ create: { width: 3, height: 2, channels: 3, background: 'red' } })
    .webp({ lossless: true })
    .toBuffer();
  const { info, frames } = await openAnimation(still);
  expect(info.frames).toBe(1);
  expect(await all(frames)).toMatchObject([{ width: 3, height: 2, time: 0, seconds: 0 }]);
});

test('an aborted signal ends the frames', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const { frames } = await openAnimation(gif, { signal: controller.signal });
  const read = async () => {
    for await (const _ of frames) controller.abort(reason);
  };
  await expect(read()).rejects.toBe(reason);
});

describe('bad input', () => {
  const png = () =>
    sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
  const bomb = Uint8Array.from(gif);
  bomb.set([0xff, 0xff, 0xff, 0xff], 6);
  test.each<[string, () => Promise<unknown>, string]>([
    ['no bytes', () => openAnimation(new Uint8Array(0)), 'IMAGE_EMPTY'],
    ['text', () => openAnimation(Buffer.from('these are notes, and no picture')), 'IMAGE_UNKNOWN_FORMAT'],
    ['a PNG', async () => openAnimation(await png()), 'VIDEO_FORMAT'],
    ['a canvas of 65,535²', () => openAnimation(bomb), 'VIDEO_TOO_LARGE'],
    ['too many frames', () => openAnimation(gif, { maxFrames: 4 }), 'VIDEO_TOO_LARGE'],
    ['too many pixels', () => openAnimation(gif, { maxPixels: 399 }), 'VIDEO_TOO_LARGE'],
    ['a limit of NaN', () => openAnimation(gif, { maxFrames: Number.NaN }), 'VIDEO_OPTIONS'],
    ['a file that is cut short', async () => all((await openAnimation(gif.subarray(0, 120))).frames), 'VIDEO_DECODE'],
    ['a file that is not there', () => openAnimation(join(folder, 'none.gif')), 'VIDEO_FILE'],
    ['a folder', () => openAnimation(folder), 'VIDEO_FILE'],
    ['a device without an end', () => openAnimation('/dev/zero'), 'VIDEO_FILE'],
    ['no options but null', () => openAnimation(gif, null as never), 'VIDEO_OPTIONS'],
    ['a limit of NaN bytes', () => openAnimation(gif, { maxBytes: Number.NaN }), 'VIDEO_OPTIONS'],
    ['more bytes than allowed', () => openAnimation(gif, { maxBytes: 100 }), 'VIDEO_TOO_LARGE'],
    ['a number', () => openAnimation(42 as never), 'VIDEO_FILE'],
    ['no sharp', () => loadSharp(() => Promise.reject(new Error('not found'))), 'VIDEO_SHARP_MISSING'],
  ])('%s is refused', async (_, call, code) => {
    await expect(call()).rejects.toThrow(expect.objectContaining({ code }));
  });

  test('a file of too many bytes is not read', async () => {
    const path = join(folder, 'large.gif');
    writeFileSync(path, gif);
    await expect(openAnimation(path, { maxBytes: 100 })).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_TOO_LARGE' }));
  });

  test('a pipe is refused instead of waited for', async () => {
    const path = join(folder, 'pipe');
    if (spawnSync('mkfifo', [path]).status !== 0) return process.stdout.write('a pipe: not run (no mkfifo)\n');
    await expect(openAnimation(path)).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_FILE' }));
  });

  test('of a large file that is no animation only the head is read', async () => {
    const path = join(folder, 'large.txt');
    writeFileSync(path, 'notes');
    // Larger than any buffer: reading it would fail in another way.
    truncateSync(path, 2 ** 40);
    await expect(openAnimation(path)).rejects.toThrow(expect.objectContaining({ code: 'IMAGE_UNKNOWN_FORMAT' }));
  });

  test('a JPEG whose header goes on behind the head is told to be one', async () => {
    const path = join(folder, 'large.jpg');
    const jpeg = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    // Comments of 65,535 bytes.
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0xff, 0xff]), Buffer.alloc(65_533)]);
    writeFileSync(path, Buffer.concat([jpeg.subarray(0, 2), comment, comment, jpeg.subarray(2)]));
    await expect(openAnimation(path)).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_FORMAT' }));
  });
});
