import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { openVideo } from '../webcodecs.js';
import { checkTables } from './check-tables.js';
import { isCutShort } from './cut-short.js';
import { loadMediabunny } from './mediabunny.js';
import { openTrack, readInfo } from './open-track.js';

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

describe('tables that would be written out or counted for ever are refused', () => {
  // The highest bytes of a count of entries, of the samples of the first, and of the samples in a chunk.
  test.each<[string, string, number]>([
    ['h264.mp4', 'stts', 12],
    ['h264.mp4', 'ctts', 12],
    ['h264.mp4', 'stts', 8],
    ['h264.mp4', 'stsz', 12],
    ['h264.mp4', 'stsc', 8],
    ['h264.mp4', 'stsc', 16],
    ['h264-fragmented.mp4', 'trun', 8],
  ])('%s: %s + %i', async (name, type, offset) => {
    const file = bytesOf(name);
    await expect(checkTables(file)).resolves.toBeUndefined();
    file[Buffer.from(file).indexOf(type) + offset] = 1;
    await expect(checkTables(file)).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_DECODE' }));
    await expect(checkTables(new Blob([file]))).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_DECODE' }));
  });
  test('a fragment whose frames are all by default is no exception', async () => {
    const file = bytesOf('h264-fragmented.mp4');
    const at = Buffer.from(file).indexOf('trun') + 4;
    file.set([0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], at);
    await expect(checkTables(file)).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_DECODE' }));
  });
});

describe('a Matroska file in which mediabunny would go in circles', () => {
  /** The elements of the Segment stand at 246 (Tracks), 1330 (the second Cluster) and 2378 (Cues), each with an identifier of four bytes. */
  const damaged = (from: number, to: number) => bytesOf('vp9.webm').fill(0, from, to);
  const open = async (file: Blob | Uint8Array, signal?: AbortSignal) => {
    const opened = await openTrack(await loadMediabunny(), file, signal);
    try {
      return { info: await readInfo(opened, signal), stuck: opened.reads.stuck };
    } finally {
      opened.input.dispose();
    }
  };

  test('nothing of a whole file is read in circles', async () => {
    expect(await open(bytesOf('vp9.webm'))).toMatchObject({ info: { codec: 'vp9' }, stuck: 0 });
  });
  test.each([
    ['the size of a Cluster', damaged(1334, 1335)],
    ['what follows the last Cluster', damaged(2378, 2418)],
  ])('damaged in %s, it is read up to there', async (_, file) => {
    const read = await open(file);
    expect(read).toMatchObject({ info: { codec: 'vp9', frameRate: 10 } });
    expect(read.stuck).toBeGreaterThan(0);
    expect(await open(new Blob([file]))).toEqual(read);
  });
  test('damaged in the size of its Tracks, it has none', async () => {
    await expect(open(damaged(250, 251))).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_EMPTY' }));
  });
  test('an abort is heard while millions of empty elements are read', async () => {
    const header = bytesOf('vp9.webm').subarray(0, 48);
    header.set([1, 255, 255, 255, 255, 255, 255, 255], 40); // a Segment that does not know its length
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 20);
    // Void elements of no bytes.
    const voids = new Uint8Array(2e7).map((_, i) => (i % 2 === 0 ? 0xec : 0x80));
    await expect(open(Buffer.concat([header, voids]), controller.signal)).rejects.toBe(reason);
  });
});
