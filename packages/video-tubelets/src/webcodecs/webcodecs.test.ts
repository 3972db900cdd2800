import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { openVideo } from '../webcodecs.js';
import { checkTables } from './check-tables.js';
import { isCutShort } from './cut-short.js';
import { loadMediabunny } from './mediabunny.js';

const videos: Record<string, { file: string }> = JSON.parse(
  readFileSync(new URL('../../test/goldens/videos.json', import.meta.url), 'utf8'),
);
const bytesOf = (name: string) => new Uint8Array(Buffer.from(videos[name]!.file, 'base64'));

test('without mediabunny the error says what to install', async () => {
  await expect(loadMediabunny(() => Promise.reject(new Error('not found')))).rejects.toThrow(
    expect.objectContaining({ code: 'VIDEO_MEDIABUNNY_MISSING', message: expect.stringContaining('npm install mediabunny') }),
  );
  expect(Object.keys(await loadMediabunny())).toEqual(expect.arrayContaining(['Input', 'VideoSampleSink', 'MP4', 'WEBM']));
});

test('without WebCodecs the error names what there is instead', async () => {
  await expect(openVideo(bytesOf('h264.mp4'))).rejects.toThrow(
    expect.objectContaining({ code: 'VIDEO_DECODER_MISSING', message: expect.stringContaining('@polymodal/video-tubelets/ffmpeg') }),
  );
});

describe('a file ends before its container says it does', () => {
  const names = ['h264.mp4', 'h264-fragmented.mp4', 'mpeg4.mp4', 'vp9.webm', 'sound.webm'] as const;
  test.each(names)('%s: cut anywhere, but not whole', async (name) => {
    const file = bytesOf(name);
    expect(await isCutShort(file)).toBe(false);
    expect(await isCutShort(new Blob([file]))).toBe(false);
    for (const share of [0.5, 0.9, 0.999]) {
      const cut = file.subarray(0, Math.floor(file.length * share));
      expect(await isCutShort(cut)).toBe(true);
      expect(await isCutShort(new Blob([cut]))).toBe(true);
    }
  });

  const box = (size: number, ...rest: number[]) => Uint8Array.of(0, 0, 0, size, 0x6d, 0x64, 0x61, 0x74, ...rest);
  const large = (size: number) => box(1, 0, 0, 0, 0, 0, 0, 0, size);
  // An EBML header of 5 bytes without content, then a Segment.
  const segment = (...size: number[]) => Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67, ...size, 1, 2, 3);
  test.each<[string, Uint8Array, boolean]>([
    ['a box to the end of the file', box(0, 1, 2, 3), false],
    ['a box shorter than its header', box(4), false],
    ['a box with a large size', large(16), false],
    ['a box with a larger size than there is', large(17), true],
    ['a large size that is cut itself', large(16).subarray(0, 12), true],
    ['a box of which half the header is there', Uint8Array.of(...box(8), 0, 0, 0), true],
    ['a Segment of 3 bytes', segment(0x83), false],
    ['a Segment of 4 bytes, of which 3 are there', segment(0x84), true],
    ['a Segment that is being recorded', segment(0xff), false],
    ['a Segment that is being recorded, its size in 8 bytes', segment(0x01, 255, 255, 255, 255, 255, 255, 255), false],
    ['a Segment with a size in 2 bytes', segment(0x40, 3), false],
    ['two packets of MPEG-TS', new Uint8Array(376).fill(0x47), false],
    ['one packet and a half', new Uint8Array(282).fill(0x47), true],
    ['more boxes than any video has', new Uint8Array(8 * 200_000 + 1).map((_, i) => (i % 8 === 3 ? 8 : 0x61 * Number(i % 8 > 3))), false],
    ['nothing', new Uint8Array(), false],
  ])('%s', async (_, bytes, expected) => {
    expect(await isCutShort(bytes)).toBe(expected);
  });
});

test.each(['stts', 'ctts'])('more frames in %s than the file has bytes are refused before they are listed', async (type) => {
  const file = bytesOf('h264.mp4');
  await expect(checkTables(file)).resolves.toBeUndefined();
  file[Buffer.from(file).indexOf(type) + 12] = 1; // the highest byte of the first count
  await expect(checkTables(file)).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_DECODE' }));
});
