import { describe, expect, test } from '@jest/globals';
import decoded from '../../test/goldens/decode.json' with { type: 'json' };
import { sha256 } from '../../test/goldens.js';
import { noise } from '../../test/noise.js';
import { ImageError } from '../errors.js';
import { decodeImage } from '../node/decode.js';
import { sniffImage } from '../sniff/sniff-image.js';
import { decodeBmp } from './bmp.js';

const goldens = decoded.files.filter(({ name }) => name.startsWith('BMP'));
const bytesOf = (file: string) => Uint8Array.from(Buffer.from(file, 'base64'));
const code = (value: string) => expect.objectContaining({ code: value });
const decode = (bytes: Uint8Array, allowTruncated = false) => decodeBmp(bytes, sniffImage(bytes), allowTruncated);

test.each(goldens)('$name has the levels that Pillow gives', async ({ file, width, height, channels, sha256: expected }) => {
  const image = await decodeImage(bytesOf(file));
  expect([image.width, image.height, image.channels]).toEqual([width, height, channels]);
  expect(sha256(image.data)).toBe(expected);
});

interface Made {
  readonly width?: number;
  readonly height?: number;
  readonly bits: number;
  readonly compression?: number;
  readonly masks?: readonly number[];
  /** Levels of grey. */
  readonly palette?: readonly number[];
  readonly pixels: readonly number[];
}

/** A BMP with a header of 40 bytes. */
function bmp({ width = 4, height = 1, bits, compression = 0, masks = [], palette = [], pixels }: Made): Uint8Array {
  const start = 54 + 4 * masks.length + 4 * palette.length;
  const bytes = new Uint8Array(start + pixels.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  const fields = [start, 40, width, height, 1 | (bits << 16), compression, 0, 0, 0, palette.length, 0];
  for (const [i, field] of [...fields, ...masks].entries()) view.setUint32(10 + 4 * i, field, true);
  for (const [i, level] of palette.entries()) bytes.fill(level, 54 + 4 * i, 57 + 4 * i);
  bytes.set(pixels, start);
  return bytes;
}

const red = ({ data, channels = 3 }: { readonly data: ArrayLike<number>; readonly channels?: number }) =>
  Array.from(data).filter((_, i) => i % channels === 0);

describe('run-length encoding', () => {
  const runs = (bits: 4 | 8, width: number, height: number, ...pixels: number[]) =>
    bmp({ width, height, bits, compression: bits === 8 ? 1 : 2, palette: [10, 11, 12, 13], pixels });

  test.each<[string, Uint8Array, number[]]>([
    ['runs and single pixels of 8 bits', runs(8, 4, 1, 2, 1, 0, 0, 0, 1), [11, 11, 10, 10]],
    ['single pixels, of an odd number, are followed by a byte of nothing', runs(8, 4, 1, 0, 3, 1, 2, 3, 99, 1, 1), [11, 12, 13, 11]],
    ['a run of 4 bits takes turns', runs(4, 4, 1, 4, 0x12), [11, 12, 11, 12]],
    ['single pixels of 4 bits, an odd number of bytes', runs(4, 4, 1, 0, 4, 0x12, 0x31, 0, 1), [11, 12, 13, 11]],
    ['an odd number of single pixels of 4 bits', runs(4, 4, 1, 0, 3, 0x12, 0x30, 1, 0x20), [11, 12, 13, 12]],
    ['rows from the last one up', runs(8, 2, 2, 2, 1, 0, 0, 2, 2, 0, 1), [12, 12, 11, 11]],
    ['a step to the right and up leaves colour 0', runs(8, 2, 2, 0, 2, 1, 1, 1, 3, 0, 1), [10, 13, 10, 10]],
    ['an end before the last row leaves colour 0', runs(8, 2, 2, 2, 1, 0, 1), [10, 10, 11, 11]],
    ['a run does not reach into the next row', runs(8, 2, 2, 9, 1, 9, 2, 0, 0, 2, 3, 0, 1), [13, 13, 11, 11]],
  ])('%s', (_, file, expected) => {
    expect(red(decode(file))).toEqual(expected);
  });

  test.each([
    ['in a run', [2, 1, 3]],
    ['in single pixels', [0, 4, 1, 2]],
    ['in a step', [0, 2, 1]],
    ['before the end', [2, 1]],
  ])('a file that is cut short %s is refused, or completed with colour 0', (_, pixels) => {
    const file = runs(8, 4, 1, ...pixels);
    expect(() => decode(file)).toThrow(code('IMAGE_TRUNCATED'));
    expect(red(decode(file, true)).slice(2)).toEqual([10, 10]);
  });
});

describe('bad input', () => {
  const rgb = (change: Partial<Made> = {}) => bmp({ bits: 24, pixels: Array<number>(12).fill(5), ...change });

  test.each<[string, Uint8Array, string]>([
    ['rows that are missing', rgb({ height: 2 }), 'IMAGE_TRUNCATED'],
    ['a palette that is cut', bmp({ bits: 8, pixels: [1, 2, 3, 4] }), 'IMAGE_TRUNCATED'],
    ['masks that are cut', bmp({ bits: 32, compression: 3, pixels: [] }), 'IMAGE_TRUNCATED'],
    [
      '9,000×9,000 pixels in 58 bytes of runs',
      bmp({ width: 9000, height: 9000, bits: 8, compression: 1, palette: [0], pixels: [0, 1] }),
      'IMAGE_TRUNCATED',
    ],
    ['2 bits', rgb({ bits: 2 }), 'IMAGE_DECODE'],
    ['a JPEG inside', rgb({ compression: 4 }), 'IMAGE_DECODE'],
    ['runs of 24 bits', rgb({ compression: 1 }), 'IMAGE_DECODE'],
    ['a negative width', rgb({ width: -4 }), 'IMAGE_DECODE'],
    ['masks of half a byte', rgb({ bits: 32, compression: 3, masks: [0xf0, 0xf00, 0xf000] }), 'IMAGE_DECODE'],
    ['masks that overlap', rgb({ bits: 32, compression: 3, masks: [0xff, 0xff, 0xff00] }), 'IMAGE_DECODE'],
    ['masks of 24 bits past the pixel', rgb({ compression: 3, masks: [0xff, 0xff00, 0xff000000] }), 'IMAGE_DECODE'],
    ['masks of 4 bits in 16', rgb({ bits: 16, compression: 3, masks: [0xf00, 0xf0, 0xf] }), 'IMAGE_DECODE'],
  ])('%s', (_, file, expected) => {
    expect(() => decode(file)).toThrow(code(expected));
  });

  test('the limit on pixels comes before all', async () => {
    await expect(decodeImage(rgb({ width: 60_000, height: 60_000 }))).rejects.toThrow(code('IMAGE_TOO_LARGE'));
    await expect(decodeImage(rgb(), { maxPixels: 3 })).rejects.toThrow('4×1, 4 pixels');
  });

  test('what there is of a file cut short is given when asked for', async () => {
    const file = bmp({ height: 2, bits: 24, pixels: Array<number>(20).fill(5) });
    const image = await decodeImage(file, { allowTruncated: true });
    expect(red(image)).toEqual([0, 0, 0, 0, 5, 5, 5, 5]); // the first rows come last
  });

  test('5,000 damaged files give a picture or a typed error', () => {
    const files = goldens.map(({ file }) => bytesOf(file));
    const random = noise(40_000, 1, 1, 5).data;
    let r = 0;
    const outcomes = { decoded: 0, refused: 0 };
    for (let run = 0; run < 5_000; run++) {
      const bytes = files[run % files.length]!.slice();
      for (let change = 0; change <= run % 3; change++) bytes[10 + (random[r++]! % (run % 2 ? 60 : bytes.length - 10))] = random[r++]!;
      try {
        const info = sniffImage(bytes);
        if (info.width * info.height > 1_000_000) continue;
        const { data, width, height, channels } = decodeBmp(bytes, info, run % 4 === 0);
        expect(data.length).toBe(width * height * channels!);
        outcomes.decoded++;
      } catch (error) {
        if (!(error instanceof ImageError)) throw error;
        outcomes.refused++;
      }
    }
    expect(outcomes.decoded).toBeGreaterThan(1_000);
    expect(outcomes.refused).toBeGreaterThan(500);
  });
});
