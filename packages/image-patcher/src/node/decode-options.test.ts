import { describe, expect, test } from '@jest/globals';
import { goldenBytes, goldenPath } from '../../test/goldens.js';
import { decodeImage as decodeInBrowser } from '../browser/decode.js';
import { ImageError } from '../errors.js';
import { readOrientation } from '../orientation.js';
import { sniffImage } from '../sniff/sniff-image.js';
import { type DecodeOptions, decodeImage } from './decode.js';
import { readImages } from './read-images.js';
import { walkFiles } from './walk-files.js';

const png = goldenBytes('source/one_pixel.png');
const given = (options: unknown) => options as DecodeOptions;

const common: readonly [unknown, string][] = [
  [null, 'an object was expected'],
  ['fast', 'an object was expected'],
  ...['maxPixels', 'maxBytes'].flatMap((name) =>
    [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 1.5, '5', null].map((value): [unknown, string] => [
      { [name]: value },
      `${name} is ${typeof value === 'string' ? '"5"' : value}, but a whole number from 1 to 9007199254740991`,
    ]),
  ),
  [{ allowTruncated: 'no' }, 'allowTruncated is "no", but true or false'],
  [{ grey16: 'Scale' }, 'grey16 is "Scale", but one of clip, scale'],
];

describe('options that mean nothing are refused by name', () => {
  test.each(common)('%j (%s)', async (options, message) => {
    for (const decode of [decodeImage, decodeInBrowser]) {
      const failure = await decode(png, given(options)).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ImageError);
      expect(failure).toMatchObject({ code: 'IMAGE_OPTIONS', message: expect.stringContaining(message) });
    }
  });

  test.each([0.5, -1, 0, 3601, Number.NaN, Number.POSITIVE_INFINITY, '60'])('timeoutSeconds %p', async (timeoutSeconds) => {
    const failure = decodeImage(png, given({ timeoutSeconds }));
    await expect(failure).rejects.toThrow(expect.objectContaining({ code: 'IMAGE_OPTIONS' }));
    await expect(failure).rejects.toThrow('but a whole number from 1 to 3600 was expected');
  });

  test('the largest limits are taken', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    expect(
      await decodeImage(goldenBytes('source/cat_q90_420.jpg'), { maxPixels: most, maxBytes: most, timeoutSeconds: 3600 }),
    ).toMatchObject({
      width: 375,
    });
  });

  test('in a folder they are no fault of its pictures', async () => {
    for (const wrong of [{ maxBytes: 0 }, { timeoutSeconds: 0.5 }, { readAhead: 4, grey16: 'Clip' }]) {
      const failures: unknown[] = [];
      const options = { ...given(wrong), onError: (failure: unknown) => void failures.push(failure) };
      await expect(readImages(goldenPath('source'), options).next()).rejects.toThrow(expect.objectContaining({ code: 'IMAGE_OPTIONS' }));
      expect(failures).toEqual([]);
    }
    await expect(readImages(goldenPath('source'), null!).next()).rejects.toThrow(expect.objectContaining({ code: 'IMAGE_OPTIONS' }));
    await expect(walkFiles(goldenPath('source'), null!).next()).rejects.toThrow(expect.objectContaining({ code: 'IMAGE_OPTIONS' }));
  });
});

test('maxBytes holds for bytes as it does for files', async () => {
  const limit = { maxBytes: png.length - 1 };
  for (const work of [
    () => decodeImage(png, limit),
    () => decodeImage(goldenPath('source/one_pixel.png'), limit),
    () => decodeInBrowser(png, limit),
    () => decodeInBrowser(png.slice().buffer, limit),
    () => decodeInBrowser(new Blob([png.slice()]), limit),
  ]) {
    const failure = work();
    await expect(failure).rejects.toThrow(expect.objectContaining({ code: 'IMAGE_TOO_LARGE' }));
    await expect(failure).rejects.toThrow(`the picture has ${png.length} bytes, but at most ${png.length - 1} are read`);
  }
  expect(await decodeImage(png, { maxBytes: png.length })).toMatchObject({ width: 1 });
});

test('a picture that takes too long is given up, and the option is named', async () => {
  const noise =
    '<filter id="a"><feTurbulence numOctaves="9" baseFrequency="0.3"/></filter><rect width="100%" height="100%" filter="url(#a)"/>';
  const svg = new TextEncoder().encode(`<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="4000">${noise}</svg>`);
  const failure = await decodeImage(svg, { timeoutSeconds: 1 }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'IMAGE_TIMEOUT', message: expect.stringContaining('within timeoutSeconds, 1') });
}, 60_000);

test.each([null, undefined, 'abc', 7, [1, 2], {}])('%p is no picture for any of them', async (input) => {
  const wrong = input as unknown as Uint8Array;
  const refused = expect.objectContaining({ code: 'IMAGE_FILE' });
  expect(() => sniffImage(wrong)).toThrow(refused);
  expect(() => readOrientation(wrong)).toThrow(refused);
  await expect(decodeImage(wrong)).rejects.toThrow(refused);
  await expect(decodeInBrowser(wrong)).rejects.toThrow(refused);
});
