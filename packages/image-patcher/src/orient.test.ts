import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Image } from '@polymodal/modality-registry';
import fc from 'fast-check';
import goldens from '../test/goldens/orientation.json' with { type: 'json' };
import { goldenBytes, goldenPath, noise, sha256 } from '../test/goldens.js';
import { type Orientation, orient } from './orient.js';
import { readOrientation, tiffOrientation } from './orientation.js';
import { imageProcessor } from './processor/image-processor.js';

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

describe("against Pillow's exif_transpose", () => {
  test.each(goldens.turned)('orientation $orientation', ({ orientation, size, data }) => {
    const [width, height] = size as [number, number];
    expect(orient(noise(5, 3, 3), orientation as Orientation)).toEqual({ data: Uint8Array.from(data), width, height, channels: 3 });
  });

  test('a photograph on its side, and its preprocessing', () => {
    const stored = { data: goldenBytes('rgb/astronaut_exif6.jpg.gz'), width: 210, height: 280, channels: 3 };
    const orientation = readOrientation(new Uint8Array(readFileSync(goldenPath('source/astronaut_exif6.jpg'))));
    expect(orientation).toBe(6);
    const upright = orient(stored, orientation);
    const { width, height, sha256: expected, clip } = goldens.astronaut;
    expect([upright.width, upright.height, sha256(upright.data)]).toEqual([width, height, expected]);
    expect(sha256(imageProcessor({ image_processor_type: 'openai/CLIP' }).pixels(upright).data)).toBe(clip);
  });

  test.each(goldens.files)('$format with orientation $orientation', ({ format, orientation, bytes }) => {
    // A TIFF is upright once it is decoded, so nothing is left to do.
    const left = format === 'TIFF' ? 1 : orientation;
    expect(readOrientation(bytesOf(bytes))).toBe(left);
    expect(readOrientation(bytesOf(bytes).buffer)).toBe(left);
    if (format === 'TIFF') expect(tiffOrientation(bytesOf(bytes))).toBe(orientation);
  });
});

test('BigTIFF, by hand: one directory of one entry', () => {
  const view = new DataView(new ArrayBuffer(44));
  for (const [i, byte] of [0x49, 0x49, 43, 0, 8, 0, 0, 0].entries()) view.setUint8(i, byte);
  view.setBigUint64(8, 16n, true); // where the directory begins
  view.setBigUint64(16, 1n, true); // its entries
  view.setUint16(24, 274, true);
  view.setUint16(26, 3, true);
  view.setBigUint64(28, 1n, true);
  view.setUint16(36, 8, true);
  expect(tiffOrientation(new Uint8Array(view.buffer))).toBe(8);
  view.setBigUint64(16, 2n ** 60n, true); // more entries than bytes
  view.setUint16(24, 273, true);
  expect(tiffOrientation(new Uint8Array(view.buffer))).toBe(1);
});

test('each orientation is undone by one of them, and four quarter turns are none', () => {
  const side = fc.integer({ min: 1, max: 7 });
  fc.assert(
    fc.property(side, side, fc.integer({ min: 1, max: 4 }), (width, height, channels) => {
      const image = noise(width, height, channels);
      const undo: readonly Orientation[] = [1, 2, 3, 4, 5, 8, 7, 6];
      undo.forEach((back, i) => {
        expect(orient(orient(image, (i + 1) as Orientation), back)).toEqual(image);
      });
      const quarter = (given: Image) => orient(given, 6);
      expect(quarter(quarter(quarter(quarter(image))))).toEqual(image);
    }),
    { seed: 4, numRuns: 50 },
  );
});

describe('bad input', () => {
  test.each([0, 9, 1.5, Number.NaN, '6'])('orientation %p is refused', (orientation) => {
    expect(() => orient(noise(2, 2, 3), orientation as Orientation)).toThrow(expect.objectContaining({ code: 'IMAGE_MODE' }));
  });

  test('files without an orientation, and what is no file, have 1', () => {
    for (const name of ['gradient_301x227.png', 'cat_q90_420.jpg', 'palette_128x96.gif']) {
      expect(readOrientation(new Uint8Array(readFileSync(goldenPath(`source/${name}`))))).toBe(1);
    }
    expect(readOrientation(new Uint8Array(0))).toBe(1);
    expect(readOrientation(new TextEncoder().encode('Exif, but only by word'))).toBe(1);
  });

  test('a directory that claims more entries than there are, or points outside, has 1', () => {
    const tiff = (directory: number, entries: number) => Uint8Array.of(0x49, 0x49, 42, 0, directory, 0, 0, 0, entries, 0xff);
    expect(tiffOrientation(tiff(8, 0xff))).toBe(1);
    expect(tiffOrientation(tiff(200, 1))).toBe(1);
  });

  test('2,000 damaged files give an orientation, each at once', () => {
    const files = goldens.files.map(({ bytes }) => bytesOf(bytes));
    const damage = fc.record({
      file: fc.nat({ max: files.length - 1 }),
      edits: fc.array(fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 })), { maxLength: 6 }),
      length: fc.nat({ max: 500 }),
    });
    fc.assert(
      fc.property(damage, ({ file, edits, length }) => {
        const bytes = files[file]!.slice(0, Math.max(4, length));
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
        const found = goldens.files[file]!.format === 'TIFF' ? tiffOrientation(bytes) : readOrientation(bytes);
        return Number.isInteger(found) && found >= 1 && found <= 8;
      }),
      { seed: 4, numRuns: 2000 },
    );
  });
});
