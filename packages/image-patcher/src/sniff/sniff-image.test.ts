import { describe, expect, test } from '@jest/globals';
import { goldenBytes, goldens } from '../../test/goldens.js';
import { ImageError } from '../errors.js';
import { sniffImage } from './sniff-image.js';

const encoder = new TextEncoder();
const bytes = (...parts: (string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? Array.from(part, (character) => character.charCodeAt(0)) : [...part])),
  );
const u16 = (value: number) => [value & 255, value >> 8];
const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];
const big16 = (value: number) => u16(value).reverse();
const big32 = (value: number) => u32(value).reverse();
const svg = (text: string) => encoder.encode(text);
const box = (type: string, ...content: (string | readonly number[])[]) => {
  const body = Array.from(bytes(...content));
  return [...big32(body.length + 8), ...bytes(type), ...body];
};
const ispe = (width: number, height: number) => box('ispe', [0, 0, 0, 0], big32(width), big32(height));
const heif = (brand: string) =>
  bytes(box('ftyp', brand, big32(0), 'mif1'), box('meta', big32(0), box('iprp', box('ipco', ispe(64, 48), ispe(640, 480), ispe(32, 32)))));
const ifd = (width: number, height: number) => [
  ...u16(2),
  ...u16(256),
  ...u16(3),
  ...u32(1),
  ...u32(width),
  ...u16(257),
  ...u16(4),
  ...u32(1),
  ...u32(height),
];

/** One header of each format and form. */
const headers: Readonly<Record<string, readonly [Uint8Array, string, number, number]>> = {
  png: [bytes('\x89PNG\r\n\x1a\n', big32(13), 'IHDR', big32(60_000), big32(40_000), [8, 6, 0, 0, 0]), 'png', 60_000, 40_000],
  jpeg: [bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc2, 0, 17, 8], big16(30), big16(20), [3, 1, 2, 3]), 'jpeg', 20, 30],
  gif: [bytes('GIF89a', u16(7), u16(5), [0, 0, 0]), 'gif', 7, 5],
  'webp, lossy': [bytes('RIFF', u32(22), 'WEBPVP8 ', u32(10), [0, 0, 0, 0x9d, 0x01, 0x2a], u16(640), u16(0x4000 | 480)), 'webp', 640, 480],
  'webp, lossless': [bytes('RIFF', u32(22), 'WEBPVP8L', u32(10), [0x2f], u32((639 | (479 << 14)) >>> 0)), 'webp', 640, 480],
  'webp, extended': [bytes('RIFF', u32(22), 'WEBPVP8X', u32(10), [0, 0, 0, 0], [0x7f, 2, 0], [0xdf, 1, 0]), 'webp', 640, 480],
  tiff: [bytes('II*\0', u32(8), ifd(640, 480)), 'tiff', 640, 480],
  avif: [heif('avif'), 'avif', 640, 480],
  heic: [heif('heic'), 'heic', 640, 480],
  bmp: [bytes('BM', u32(0), u32(0), u32(54), u32(40), u32(640), u32(-480 >>> 0)), 'bmp', 640, 480],
  'bmp of OS/2': [bytes('BM', u32(0), u32(0), u32(26), u32(12), u16(640), u16(480)), 'bmp', 640, 480],
  svg: [svg('<?xml version="1.0"?>\n<!-- a > b -->\n<!DOCTYPE svg [<!ENTITY a "b">]>\n<svg width="20px" height="10.5">'), 'svg', 20, 11],
  'svg of sizes between pixels': [svg('<svg width="10.5" height="7.2"/>'), 'svg', 11, 7],
  'svg with a view box': [svg("\ufeff <svg viewBox='0 0 72, 36' xmlns='…'/>"), 'svg', 72, 36],
  'svg in inches and per cent': [svg('<svg width="1in" height="50%" viewBox="0 0 10 200">'), 'svg', 96, 100],
  'svg of no size': [svg('<svg xmlns="http://www.w3.org/2000/svg"></svg>'), 'svg', 300, 150],
};

test.each(goldens.cases)('$name is recognised by its content', ({ name, width, height }) => {
  expect(sniffImage(goldenBytes(`source/${name}`))).toMatchObject({ width, height });
});

test.each(Object.entries(headers))('%s', (_, [data, format, width, height]) => {
  expect(sniffImage(data)).toMatchObject({ format, width, height });
  expect(sniffImage(data.slice().buffer)).toMatchObject({ format });
});

describe('bad input', () => {
  test.each<[string, Uint8Array, string]>([
    ['0 bytes', new Uint8Array(0), 'IMAGE_EMPTY'],
    ['text', encoder.encode('to be or not to be'), 'IMAGE_UNKNOWN_FORMAT'],
    ['HTML', encoder.encode('<!DOCTYPE html><html><svg width="1">'), 'IMAGE_UNKNOWN_FORMAT'],
    ['text that begins with BM', encoder.encode('BM25 ranks documents by their words'), 'IMAGE_UNKNOWN_FORMAT'],
    ['an unclosed comment', svg('<!-- <svg width="1" height="1">'), 'IMAGE_UNKNOWN_FORMAT'],
    ['half a PNG header', headers.png![0].subarray(0, 20), 'IMAGE_TRUNCATED'],
    ['a JPEG cut before its frame', headers.jpeg![0].subarray(0, 6), 'IMAGE_TRUNCATED'],
    ['a JPEG segment of no length', bytes([0xff, 0xd8, 0xff, 0xe0, 0, 0]), 'IMAGE_DECODE'],
    ['a JPEG without frame', bytes([0xff, 0xd8, 0xff, 0xda, 0, 4]), 'IMAGE_DECODE'],
    ['a PNG of no width', bytes('\x89PNG\r\n\x1a\n', big32(13), 'IHDR', big32(0), big32(9), [8, 6, 0, 0, 0]), 'IMAGE_DECODE'],
    [
      'a PNG of a colour type that does not exist',
      bytes('\x89PNG\r\n\x1a\n', big32(13), 'IHDR', big32(9), big32(9), [8, 5, 0, 0, 0]),
      'IMAGE_DECODE',
    ],
    ['a TIFF directory past the end', bytes('II*\0', u32(0xfffffff0)), 'IMAGE_TRUNCATED'],
    ['a TIFF directory of 65,535 entries', bytes('MM\0*', big32(8), [0xff, 0xff]), 'IMAGE_DECODE'],
    ['a box of no size', bytes(box('ftyp', 'avif', big32(0)), big32(4), 'meta'), 'IMAGE_DECODE'],
    ['an SVG of less than half a pixel', svg('<svg width="0.4" height="0.4"/>'), 'IMAGE_DECODE'],
    ['an SVG of a size that is no length', svg('<svg width="wide" height="1">'), 'IMAGE_DECODE'],
  ])('%s: %#', (_, data, code) => {
    expect(() => sniffImage(data)).toThrow(expect.objectContaining({ code }));
  });
});

test('2,000 damaged headers give a size or a typed error, quickly', () => {
  const seeds = [...Object.values(headers).map(([data]) => data), ...goldens.cases.map(({ name }) => goldenBytes(`source/${name}`))];
  let state = 12345;
  const random = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const start = performance.now();
  const outcomes = new Map<string, number>();
  for (let i = 0; i < 2_000; i++) {
    const seed = seeds[random(seeds.length)]!;
    const data = seed.slice(0, random(4) === 0 ? random(seed.length + 1) : seed.length);
    // Most damage near the start, where the headers are; the rest anywhere.
    const near = Math.min(data.length, 64);
    for (let flips = random(6); flips > 0 && near > 0; flips--) data[random(2) === 0 ? random(near) : random(data.length)] = random(256);
    let outcome = 'read';
    try {
      const { width, height } = sniffImage(data);
      expect(Number.isSafeInteger(width) && width > 0 && Number.isSafeInteger(height) && height > 0).toBe(true);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      outcome = error.code;
    }
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  expect(performance.now() - start).toBeLessThan(5_000);
  for (const outcome of ['read', 'IMAGE_TRUNCATED', 'IMAGE_DECODE', 'IMAGE_UNKNOWN_FORMAT'])
    expect(outcomes.get(outcome)).toBeGreaterThan(20);
});
