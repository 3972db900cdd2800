import type { Image, PolymodalError } from '@polymodal/modality-registry';
import { decodeImage } from '../src/browser.js';
import { convert } from '../src/index.js';
import avif from './goldens/avif.json';
import small from './goldens/decode.json';
import manifest from './goldens/manifest.json';
import rare from './goldens/rare.json';
import exifJpeg from './goldens/source/astronaut_exif6.jpg' with { type: 'bytes' };
import catJpeg from './goldens/source/cat_q90_420.jpg' with { type: 'bytes' };
import cmykJpeg from './goldens/source/cmyk.jpg' with { type: 'bytes' };
import gradientPng from './goldens/source/gradient_301x227.png' with { type: 'bytes' };
import greyJpeg from './goldens/source/gray_333x250.jpg' with { type: 'bytes' };
import grey16Png from './goldens/source/gray16_90x70.png' with { type: 'bytes' };
import onePixelPng from './goldens/source/one_pixel.png' with { type: 'bytes' };
import paletteGif from './goldens/source/palette_128x96.gif' with { type: 'bytes' };
import shapesPng from './goldens/source/rgba_shapes_200x140.png' with { type: 'bytes' };
import stripPng from './goldens/source/strip_1500x10.png' with { type: 'bytes' };
import { noise } from './noise.js';

const sources: Readonly<Record<string, Uint8Array>> = {
  'astronaut_exif6.jpg': exifJpeg,
  'cat_q90_420.jpg': catJpeg,
  'cmyk.jpg': cmykJpeg,
  'gradient_301x227.png': gradientPng,
  'gray16_90x70.png': grey16Png,
  'gray_333x250.jpg': greyJpeg,
  'one_pixel.png': onePixelPng,
  'palette_128x96.gif': paletteGif,
  'rgba_shapes_200x140.png': shapesPng,
  'strip_1500x10.png': stripPng,
};
const inNode = typeof process !== 'undefined' && process.versions?.node !== undefined;
const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

function assertEqual(what: string, found: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`);
}

async function sha256({ data }: Image): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(data)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    return (error as PolymodalError).code;
  }
  return 'no error';
}

/** PNG and BMP are decoded alike everywhere; in Node, which has no canvas, the error says so for all others. */
const decodes = (file: Uint8Array) => !inNode || file[0] === 0x89 || file[0] === 0x42;

/** Chromium's libjpeg-turbo gives Pillow's levels to the bit, CMYK too; the manifest's digests are those that `/node` gives. */
const published = manifest.cases.map(({ name, width, height, decodedSha256 }) => ({
  name: `${name} has the levels that Pillow gives`,
  async run() {
    const file = sources[name]!;
    if (!decodes(file)) return assertEqual('code', await codeOf(() => decodeImage(file)), 'IMAGE_DECODER_MISSING');
    for (const source of [file, new Uint8Array(file).buffer, new Blob([new Uint8Array(file)])]) {
      const image = await decodeImage(source);
      assertEqual('size', [image.width, image.height], [width, height]);
      assertEqual('sha256', await sha256(convert(image, 'rgb')), decodedSha256);
    }
  },
}));

const fileOf = (wanted: string) => small.files.find(({ name }) => name === wanted)!.file;

/** Canvases multiply colours by alpha: alpha outlives that, and of colours what it leaves of them. */
function assertNear(image: Image, expected: Image): void {
  for (let p = 0; p < expected.data.length; p += 4) {
    const alpha = expected.data[p + 3]!;
    assertEqual(`alpha of pixel ${p / 4}`, image.data[p + 3], alpha);
    for (let c = p; alpha > 0 && c < p + 3; c++) {
      const difference = Math.abs(image.data[c]! - expected.data[c]!);
      if (difference > 127.5 / alpha + 1) throw new Error(`level ${c} with alpha ${alpha} differs by ${difference}`);
    }
  }
}

const made = small.files.map(({ name, file, width, height, channels, sha256: expected }) => ({
  name: `${name} has the levels that Pillow gives`,
  async run() {
    const bytes = bytesOf(file);
    if (!decodes(bytes)) return assertEqual('code', await codeOf(() => decodeImage(bytes)), 'IMAGE_DECODER_MISSING');
    const image = await decodeImage(bytes);
    assertEqual('size', [image.width, image.height, image.channels], [width, height, channels]);
    if (name === 'lossless WebP with alpha')
      await assertNear(image, await decodeImage(bytesOf(fileOf('RGBA PNG with noise under every alpha'))));
    else assertEqual('sha256', await sha256(image), expected);
  },
}));

/** What libraries and browsers give otherwise than Pillow: transparent colours, short palettes, files cut short, small frames of GIF. */
const unusual = rare.files.map(({ name, file, width, height, channels, sha256: expected, allowTruncated = false }) => ({
  name: `${name}: the levels and the alpha that Pillow gives`,
  async run() {
    const bytes = bytesOf(file);
    if (!decodes(bytes)) return assertEqual('code', await codeOf(() => decodeImage(bytes)), 'IMAGE_DECODER_MISSING');
    // Node's DecompressionStream loses a part of data that end too soon; its own entry has another.
    if (inNode && allowTruncated) return;
    const image = await decodeImage(bytes, { allowTruncated });
    assertEqual('size', [image.width, image.height, image.channels], [width, height, channels]);
    assertEqual('sha256', await sha256(image), expected);
  },
}));

/** Changed bytes and cuts, the same in every place; what becomes of each file. */
async function damageFiles(): Promise<Readonly<Record<string, number>>> {
  const good = small.files.filter(({ name }) => /PNG|BMP/.test(name)).map(({ file }) => bytesOf(file));
  const random = noise(20_000, 1, 1, 77).data;
  const outcomes: Record<string, number> = {};
  for (let run = 0, r = 0; run < 1200; run++) {
    const bytes = good[run % good.length]!.slice(0, run % 3 === 0 ? random[r++] : undefined);
    // Most of a small file is covered by checksums: what lies in the header reaches further.
    for (let change = 0; change < 1 + (run % 3); change++)
      bytes[16 + (random[r++]! % (run % 2 ? 13 : 80))] = random[r++]! % (run % 5 ? 17 : 256);
    const outcome = await codeOf(() => decodeImage(bytes, { maxPixels: 1_000_000, allowTruncated: run % 4 === 0 }));
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return outcomes;
}

function bomb(): Uint8Array {
  const bytes = onePixelPng.slice();
  new DataView(bytes.buffer).setUint32(16, 60_000);
  new DataView(bytes.buffer).setUint32(20, 60_000);
  return bytes;
}

const bmp = [66, 77, 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"/>');
const bad: readonly (readonly [string, () => Promise<unknown>, string])[] = [
  ['0 bytes', () => decodeImage(new Uint8Array(0)), 'IMAGE_EMPTY'],
  ['a number', () => decodeImage(7 as never), 'IMAGE_FILE'],
  ['text', () => decodeImage(new TextEncoder().encode('hello')), 'IMAGE_UNKNOWN_FORMAT'],
  ['a PNG that claims 60,000×60,000', () => decodeImage(bomb()), 'IMAGE_TOO_LARGE'],
  ['a JPEG of more pixels than asked for', () => decodeImage(catJpeg, { maxPixels: 93_749 }), 'IMAGE_TOO_LARGE'],
  ['a Blob of more bytes than asked for', () => decodeImage(new Blob(['hello']), { maxBytes: 4 }), 'IMAGE_TOO_LARGE'],
  ['a PNG cut short', () => decodeImage(gradientPng.subarray(0, 900)), 'IMAGE_TRUNCATED'],
  ['a PNG cut in its header', () => decodeImage(gradientPng.subarray(0, 20)), 'IMAGE_TRUNCATED'],
  ['a JPEG cut short', () => decodeImage(catJpeg.subarray(0, 20_000)), 'IMAGE_TRUNCATED'],
  ['a GIF cut short', () => decodeImage(paletteGif.subarray(0, 600)), 'IMAGE_TRUNCATED'],
  ['a WebP cut short', () => decodeImage(bytesOf(fileOf('lossless WebP')).subarray(0, 90)), 'IMAGE_TRUNCATED'],
  ['a BMP cut in its header', () => decodeImage(Uint8Array.from(bmp)), 'IMAGE_TRUNCATED'],
  ['an SVG', () => decodeImage(svg), 'IMAGE_UNSUPPORTED_FORMAT'],
  ['a PNG with a damaged checksum', () => decodeImage(gradientPng.map((byte, i) => (i === 500 ? byte ^ 255 : byte))), 'IMAGE_DECODE'],
];

export default [
  ...published,
  ...made,
  ...unusual,
  ...bad.map(([name, work, code]) => ({ name: `${name} is ${code}`, run: async () => assertEqual('code', await codeOf(work), code) })),
  {
    name: '1,200 damaged PNG and BMP files give a picture or a typed error',
    async run() {
      const { undefined: untyped, ...outcomes } = await damageFiles();
      if (untyped || !outcomes['no error']) throw new Error(JSON.stringify({ untyped, ...outcomes }));
      return outcomes;
    },
  },
  ...[avif.plain, avif.subsampled].map(({ file, levels }, i) => ({
    name: `AVIF${i ? ' of half the colour' : ''} has the levels that /node gives, within one`,
    async run() {
      if (inNode) return;
      const [image, expected] = [await decodeImage(bytesOf(file)), bytesOf(levels)];
      const differences = Array.from(image.data, (level, at) => Math.abs(level - expected[at]!));
      const mean = differences.reduce((a, b) => a + b, 0) / differences.length;
      if (Math.max(...differences) > 1 || mean > 0.25) throw new Error(`up to ${Math.max(...differences)} levels, ${mean} on average`);
    },
  })),
  {
    name: 'an AVIF that its own boxes turn or mirror is decoded as it is stored',
    async run() {
      if (inNode) return;
      const expected = await sha256(await decodeImage(bytesOf(avif.plain.file)));
      for (const { file } of avif.turned) {
        const image = await decodeImage(bytesOf(file));
        assertEqual('size', [image.width, image.height], [12, 8]);
        assertEqual('sha256', await sha256(image), expected);
      }
    },
  },
  {
    name: 'bytes in shared memory are read like others, and left as they were',
    async run() {
      const files = [
        gradientPng,
        catJpeg,
        exifJpeg,
        paletteGif,
        ...small.files.map(({ file }) => bytesOf(file)),
        bytesOf(avif.turned[3]!.file),
      ];
      for (const bytes of files.filter(decodes)) {
        const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
        shared.set(bytes);
        const [own, other] = [await decodeImage(bytes), await decodeImage(shared)];
        assertEqual('sha256', await sha256(other), await sha256(own));
        assertEqual('bytes', Array.from(shared), Array.from(bytes));
      }
      const shared = new Uint8Array(new SharedArrayBuffer(svg.length));
      shared.set(svg);
      assertEqual('SVG', await codeOf(() => decodeImage(shared)), 'IMAGE_UNSUPPORTED_FORMAT');
    },
  },
  {
    name: 'grey of 16 bits is scaled when asked',
    run: async () => Array.from((await decodeImage(grey16Png, { grey16: 'scale' })).data.subarray(0, 9)),
  },
  {
    name: 'what there is of a PNG cut short is given when asked for',
    async run() {
      const [whole, part] = [await decodeImage(gradientPng), await decodeImage(gradientPng.subarray(0, 900), { allowTruncated: true })];
      const same = part.data.findIndex((level, i) => level !== whole.data[i]);
      if (same < 301 * 3 * 50) throw new Error(`only ${same} of ${whole.data.length} levels`);
    },
  },
  {
    name: 'what there is of a JPEG cut short is given when asked for',
    async run() {
      if (inNode) return;
      const [whole, part] = [await decodeImage(catJpeg), await decodeImage(catJpeg.subarray(0, 20_000), { allowTruncated: true })];
      const same = part.data.findIndex((level, i) => level !== whole.data[i]);
      if (same < 375 * 3 * 100) throw new Error(`only ${same} of ${whole.data.length} levels`);
    },
  },
];
