import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import avif from '../../test/goldens/avif.json' with { type: 'json' };
import { goldenBytes, goldenPath, goldens, noise, sha256 } from '../../test/goldens.js';
import { convert, flatten } from '../convert.js';
import { ImageError } from '../errors.js';
import { orient } from '../orient.js';
import { readOrientation } from '../orientation.js';
import { decodeImage } from './decode.js';
import { encodePng } from './encode.js';
import { loadSharp } from './sharp.js';

const code = (value: string) => expect.objectContaining({ code: value });
const source = (name: string) => goldenBytes(`source/${name}`);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polymodal-image-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('levels are those of Pillow 9.4', () => {
  test.each(goldens.cases.filter(({ rgb }) => !rgb))('$name, to the bit', async ({ name, decodedSha256 }) => {
    const image = await decodeImage(goldenPath(`source/${name}`));
    expect(sha256(convert(image, 'rgb').data)).toBe(decodedSha256);
  });

  // With sharp 0.35.5 (mozjpeg) both numbers are 0 against Pillow's libjpeg-turbo 2.1.5; other builds may round otherwise.
  test.each(goldens.cases.filter(({ rgb }) => rgb))('$name, within 2 levels', async ({ name, width, height, rgb, rgbIsGrey }) => {
    const { data } = convert({ data: goldenBytes(rgb!), width, height, channels: rgbIsGrey ? 1 : 3 }, 'rgb');
    const image = await decodeImage(goldenPath(`source/${name}`));
    expect([image.width, image.height, image.channels]).toEqual([width, height, 3]);
    const differences = Array.from(image.data, (level, i) => Math.abs(level - data[i]!));
    expect(differences.reduce((a, b) => Math.max(a, b), 0)).toBeLessThanOrEqual(2);
    expect(differences.reduce((a, b) => a + b, 0) / data.length).toBeLessThan(0.05);
  });

  test('alpha is kept, and flatten blends it', async () => {
    const image = await decodeImage(source('rgba_shapes_200x140.png'));
    expect(image.channels).toBe(4);
    expect(flatten(image).channels).toBe(3);
  });

  test('16-bit grey is clipped as Pillow does, or scaled when asked', async () => {
    const clipped = await decodeImage(source('gray16_90x70.png'));
    const scaled = await decodeImage(source('gray16_90x70.png'), { grey16: 'scale' });
    expect(Array.from(clipped.data.subarray(0, 9))).toEqual([0, 0, 0, 255, 255, 255, 255, 255, 255]);
    expect(Array.from(scaled.data.subarray(0, 9))).toEqual([0, 0, 0, 2, 2, 2, 5, 5, 5]); // 0, 700, 1400
  });

  test('CMYK and 16-bit grey in TIFF are converted like those in JPEG and PNG', async () => {
    const golden = goldens.cases.find(({ cmyk }) => cmyk)!;
    const { width, height } = golden;
    const tiff = await sharp(source(golden.name), { ignoreIcc: true })
      .pipelineColourspace('cmyk')
      .toColourspace('cmyk')
      .tiff({ compression: 'lzw' })
      .toBuffer();
    const image = await decodeImage(tiff);
    expect([image.width, image.height, sha256(image.data)]).toEqual([width, height, golden.decodedSha256]);
    const grey = await sharp(source('gray16_90x70.png')).toColourspace('grey16').tiff({ compression: 'lzw' }).toBuffer();
    expect(await decodeImage(grey)).toEqual(await decodeImage(source('gray16_90x70.png')));
  });

  test('an orientation mark is ignored', async () => {
    const image = await decodeImage(source('astronaut_exif6.jpg'));
    expect([image.width, image.height]).toEqual([210, 280]);
  });
});

describe('an AVIF that its own boxes turn', () => {
  const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));

  test('one that is not turned has the levels that were recorded', async () => {
    for (const { file, levels } of [avif.plain, avif.subsampled]) {
      const image = await decodeImage(bytesOf(file));
      expect(image).toEqual({ data: bytesOf(levels), width: 12, height: 8, channels: 3 });
    }
  });

  test.each(avif.turned)('by $quarters quarters, then mirrored about axis $axis', async ({ file }) => {
    const bytes = bytesOf(file);
    const before = bytes.slice();
    const image = await decodeImage(bytes);
    expect(bytes).toEqual(before);
    // As it is stored, like other pictures; orient does what the boxes say, which is what libheif does of itself.
    expect(image).toEqual({ data: bytesOf(avif.plain.levels), width: 12, height: 8, channels: 3 });
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    const upright = orient(image, readOrientation(bytes));
    expect([upright.width, upright.height, sha256(upright.data)]).toEqual([info.width, info.height, sha256(data)]);
  });
});

describe('sources', () => {
  test('a path, a file URL, a Buffer and an ArrayBuffer give the same picture', async () => {
    const path = goldenPath('source/gradient_301x227.png');
    const expected = await decodeImage(path);
    const bytes = source('gradient_301x227.png');
    for (const other of [pathToFileURL(path), Buffer.from(bytes), bytes.slice().buffer])
      expect(sha256((await decodeImage(other)).data)).toBe(sha256(expected.data));
  });

  test('content decides, not the name', async () => {
    const path = join(folder, 'picture.jpg');
    await writeFile(path, source('one_pixel.png'));
    expect(await decodeImage(path)).toMatchObject({ width: 1, height: 1 });
  });

  test('bytes in shared memory are read like others, and left as they were', async () => {
    const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"><rect width="4" height="2"/></svg>');
    const names = ['gradient_301x227.png', 'cat_q90_420.jpg', 'cmyk.jpg', 'palette_128x96.gif', 'gray16_90x70.png', 'astronaut_exif6.jpg'];
    const turned = Uint8Array.from(Buffer.from(avif.turned[3]!.file, 'base64'));
    for (const bytes of [...names.map(source), svg, turned]) {
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      const [own, other] = [await decodeImage(bytes), await decodeImage(shared)];
      expect(sha256(other.data)).toBe(sha256(own.data));
      expect(readOrientation(shared)).toBe(readOrientation(bytes));
      expect(Buffer.compare(shared, bytes)).toBe(0);
    }
  });

  test('SVG is drawn at its own size', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"><rect width="4" height="2" fill="#102030"/></svg>';
    const image = flatten(await decodeImage(new TextEncoder().encode(svg)));
    expect([image.width, image.height, ...image.data.subarray(0, 3)]).toEqual([4, 2, 16, 32, 48]);
  });
});

describe('bad input', () => {
  const bomb = () => {
    const bytes = source('one_pixel.png').slice();
    const view = new DataView(bytes.buffer);
    view.setUint32(16, 60_000);
    view.setUint32(20, 60_000);
    return bytes;
  };

  test.each<[string, () => Uint8Array, string]>([
    ['0 bytes', () => new Uint8Array(0), 'IMAGE_EMPTY'],
    ['no picture', () => new TextEncoder().encode('hello'), 'IMAGE_UNKNOWN_FORMAT'],
    ['a PNG that claims 60,000×60,000', bomb, 'IMAGE_TOO_LARGE'],
    ['a PNG cut short', () => source('gradient_301x227.png').subarray(0, 900), 'IMAGE_TRUNCATED'],
    ['a PNG cut in its header', () => source('gradient_301x227.png').subarray(0, 20), 'IMAGE_TRUNCATED'],
    ['a JPEG cut short', () => source('cat_q90_420.jpg').subarray(0, 20_000), 'IMAGE_TRUNCATED'],
    ['a GIF cut short', () => source('palette_128x96.gif').subarray(0, 600), 'IMAGE_TRUNCATED'],
    [
      'a BMP cut in its header',
      () => Uint8Array.from([66, 77, 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]),
      'IMAGE_TRUNCATED',
    ],
    [
      'a PNG with a damaged checksum',
      () => source('gradient_301x227.png').map((byte, i) => (i === 500 ? byte ^ 255 : byte)),
      'IMAGE_DECODE',
    ],
  ])('%s is refused', async (_, make, expected) => {
    const bytes = make();
    await expect(decodeImage(bytes)).rejects.toThrow(code(expected));
    const path = join(folder, 'broken.png');
    await writeFile(path, bytes);
    await expect(decodeImage(path)).rejects.toThrow(code(expected));
  });

  test('a lossy WebP cut short', async () => {
    const webp = await sharp(source('cat_q90_420.jpg')).webp().toBuffer();
    await expect(decodeImage(webp.subarray(0, webp.length >> 1))).rejects.toBeInstanceOf(ImageError);
  });

  test('limits can be set, and the message names both numbers', async () => {
    const bytes = source('gradient_301x227.png');
    await expect(decodeImage(bytes, { maxPixels: 68_326 })).rejects.toThrow(
      'the PNG header claims 301×227, 68327 pixels, but at most 68326 are decoded.',
    );
    expect((await decodeImage(bytes, { maxPixels: 68_327 })).width).toBe(301);
    await expect(decodeImage(goldenPath('source/gradient_301x227.png'), { maxBytes: 1_000 })).rejects.toThrow(code('IMAGE_TOO_LARGE'));
  });

  test('what there is of a file cut short is given when asked for', async () => {
    const whole = await decodeImage(source('cat_q90_420.jpg'));
    const part = await decodeImage(source('cat_q90_420.jpg').subarray(0, 20_000), { allowTruncated: true });
    expect([part.width, part.height]).toEqual([375, 250]);
    expect(part.data.subarray(0, 375 * 3 * 100)).toEqual(whole.data.subarray(0, 375 * 3 * 100));
  });

  test.each([
    ['a file that is not there', 'missing.png'],
    ['a folder', '.'],
  ])('%s', async (_, name) => {
    await expect(decodeImage(join(folder, name))).rejects.toThrow(code('IMAGE_FILE'));
  });

  test('a pipe, without waiting for what it brings', async () => {
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(decodeImage(join(folder, 'pipe'))).rejects.toThrow('it is not a file');
  });

  test('bytes that were moved away', async () => {
    const bytes = source('one_pixel.png').slice();
    structuredClone(bytes, { transfer: [bytes.buffer] });
    await expect(decodeImage(bytes)).rejects.toThrow(code('IMAGE_EMPTY'));
  });

  test('neither a path nor bytes', async () => {
    await expect(decodeImage(7 as unknown as string)).rejects.toThrow(code('IMAGE_FILE'));
  });

  test('300 damaged files give a picture or a typed error', async () => {
    const seeds = [
      'cat_q90_420.jpg',
      'rgba_shapes_200x140.png',
      'palette_128x96.gif',
      'cmyk.jpg',
      'gray16_90x70.png',
      'strip_1500x10.png',
    ].map(source);
    const small = sharp(seeds[0]).resize(40);
    seeds.push(
      await small.clone().webp().toBuffer(),
      await small.clone().tiff().toBuffer(),
      await small.clone().avif({ effort: 0 }).toBuffer(),
    );
    let state = 777;
    const random = (limit: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    const outcomes = { decoded: 0, refused: 0 };
    for (let i = 0; i < 300; i++) {
      const seed = seeds[i % seeds.length]!;
      const bytes = Uint8Array.from(seed.subarray(0, random(3) === 0 ? random(seed.length) : seed.length));
      for (let flips = random(5); flips > 0 && bytes.length > 0; flips--)
        bytes[random(2) === 0 ? random(Math.min(200, bytes.length)) : random(bytes.length)] = random(256);
      try {
        const { data, width, height, channels } = await decodeImage(bytes, { maxPixels: 4_000_000 });
        expect(data.length).toBe(width * height * channels!);
        outcomes.decoded++;
      } catch (error) {
        if (!(error instanceof ImageError)) throw error;
        outcomes.refused++;
      }
    }
    expect(outcomes.decoded).toBeGreaterThan(30);
    expect(outcomes.refused).toBeGreaterThan(30);
  });
});

test('encodePng is lossless for 1 to 4 channels', async () => {
  for (const channels of [1, 2, 3, 4]) {
    const image = noise(13, 7, channels, 5);
    expect(await decodeImage(await encodePng(image))).toEqual(convert(image, channels % 2 === 0 ? 'rgba' : 'rgb'));
  }
  expect((await encodePng(noise(64, 64, 1))).length).toBeLessThan((await encodePng(noise(64, 64, 3))).length);
  await expect(encodePng({ data: new Uint8Array(3), width: 2, height: 1 })).rejects.toThrow(code('IMAGE_DIMENSIONS'));
});

test('where sharp is missing, the error says what to install', async () => {
  const name = 'sharp-that-is-not-installed';
  const failure = loadSharp(() => import(name));
  await expect(failure).rejects.toThrow(code('IMAGE_SHARP_MISSING'));
  await expect(failure).rejects.toThrow('npm install sharp');
});
