import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import orientations from '../../test/goldens/orientation.json' with { type: 'json' };
import rare from '../../test/goldens/rare.json' with { type: 'json' };
import { goldenBytes, noise, sha256 } from '../../test/goldens.js';
import { orient } from '../orient.js';
import { readOrientation } from '../orientation.js';
import { decodeImage } from './decode.js';

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
const code = (value: string) => expect.objectContaining({ code: value });

test.each(rare.files)('$name: levels and alpha are those of Pillow 9.4', async (golden) => {
  const bytes = bytesOf(golden.file);
  const before = bytes.slice();
  const image = await decodeImage(bytes, { allowTruncated: golden.allowTruncated ?? false });
  expect([image.width, image.height, image.channels]).toEqual([golden.width, golden.height, golden.channels]);
  expect(sha256(image.data)).toBe(golden.sha256);
  expect(bytes).toEqual(before);
});

test('the files cut short among them are refused unless they are allowed', async () => {
  const cut = rare.files.filter(({ allowTruncated }) => allowTruncated);
  expect(cut.length).toBeGreaterThan(3);
  for (const { file } of cut) await expect(decodeImage(bytesOf(file))).rejects.toThrow(code('IMAGE_TRUNCATED'));
});

test('grey of 16 bits that is scaled has the alpha that its file means', async () => {
  const grey = rare.files.find(({ name }) => name === '16-bit grey with a transparent level that is kept')!;
  const { data } = await decodeImage(bytesOf(grey.file), { grey16: 'scale' });
  // The first four levels are 7, 7, 300 and 255, and 7 is the transparent one.
  expect(Array.from(data.subarray(0, 16))).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 255, 0, 0, 0, 255]);
});

test('around a small first frame of a GIF with a transparent colour there is nothing', async () => {
  const gif = bytesOf('R0lGODlhDAAJAPEAAMgKHgECA1pbXPr7/CH5BAUKAAIALAMAAgAFAAQAAAgZAAMEAABAwIAAAwAACAAgQAAAAgIEEAAgIAA7');
  const { data, width, height, channels } = await decodeImage(gif);
  expect([width, height, channels]).toEqual([12, 9, 4]);
  expect(data[3]).toBe(0);
  expect(data.filter((_, i) => i % 4 === 3).includes(255)).toBe(true);
});

describe("a TIFF's own orientation is applied, as Pillow does when it loads one", () => {
  test.each(orientations.turned)('orientation $orientation', async ({ orientation, size, data }) => {
    const { data: levels, width, height } = noise(5, 3, 3);
    const tiff = await sharp(levels, { raw: { width, height, channels: 3 } })
      .withMetadata({ orientation })
      .tiff({ compression: 'lzw' })
      .toBuffer();
    const image = await decodeImage(tiff);
    expect(image).toEqual({ data: Uint8Array.from(data), width: size[0], height: size[1], channels: 3 });
    // So nothing is left to do for whoever turns every picture upright.
    expect(orient(image, readOrientation(tiff))).toEqual(image);
  });
});

describe('JPEG cut short', () => {
  test('a small progressive one gives what there is, wherever it is cut after its first scan begins', async () => {
    const jpeg = new Uint8Array(await sharp(goldenBytes('source/cat_q90_420.jpg')).resize(75, 50).jpeg({ progressive: true }).toBuffer());
    const firstScan = Buffer.from(jpeg).indexOf(Uint8Array.of(0xff, 0xda));
    expect(firstScan).toBeGreaterThan(100);
    for (let length = firstScan + 14; length < jpeg.length; length += 7) {
      const cut = jpeg.subarray(0, length);
      expect(await decodeImage(cut, { allowTruncated: true })).toMatchObject({ width: 75, height: 50, channels: 3 });
      if (length % 5 === 0) await expect(decodeImage(cut)).rejects.toThrow('or pass allowTruncated');
    }
  });

  test('one that gives nothing is not advised what was asked for already', async () => {
    const jpeg = goldenBytes('source/cat_q90_420.jpg');
    const cut = jpeg.subarray(0, Buffer.from(jpeg).indexOf(Uint8Array.of(0xff, 0xda)));
    const failure = await decodeImage(cut, { allowTruncated: true }).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'IMAGE_TRUNCATED' });
    expect(String(failure)).not.toContain('pass allowTruncated');
  });
});

test('a WebP cut short is named as such, and no option is advised that does not help', async () => {
  const webp = await sharp(goldenBytes('source/cat_q90_420.jpg')).webp().toBuffer();
  const failure = await decodeImage(webp.subarray(0, webp.length >> 1)).catch((error: Error) => error);
  expect(failure).toMatchObject({ code: 'IMAGE_TRUNCATED' });
  expect(String(failure)).not.toContain('allowTruncated');
});

test('a PNG that has its end but not all of its pixels is damaged, not cut short', async () => {
  const grey = bytesOf(rare.files[0]!.file).slice();
  // One row more than there is.
  const info = new DataView(grey.buffer);
  info.setUint32(20, info.getUint32(20) + 1);
  await expect(decodeImage(grey)).rejects.toThrow(code('IMAGE_DECODE'));
  expect((await decodeImage(grey, { allowTruncated: true })).height).toBe(10);
});
