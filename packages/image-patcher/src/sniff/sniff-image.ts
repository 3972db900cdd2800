import { ImageError } from '../errors.js';
import { heifBrand, readHeif } from './heif.js';
import { readBmp, readGif, readJpeg, readPng, readWebp } from './raster.js';
import { asBytes, type ImageInfo } from './reader.js';
import { readSvg, svgRoot } from './svg.js';
import { readTiff } from './tiff.js';

const latin1 = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));

/**
 * What a file is, by its content and not by its name: format and size in pixels of a PNG, JPEG, GIF, WebP, TIFF, AVIF, SVG, BMP or HEIC,
 * read from its header without decoding anything. A few kilobytes from the start suffice, but for TIFF and for JPEG with much metadata.
 *
 * @throws ImageError `IMAGE_EMPTY`, `IMAGE_UNKNOWN_FORMAT`, `IMAGE_TRUNCATED` where the data end within the header, `IMAGE_DECODE` where it is
 *   malformed, `IMAGE_FILE` for what is no bytes.
 */
export function sniffImage(input: Uint8Array | ArrayBuffer): ImageInfo {
  const bytes = asBytes(input);
  if (bytes.length === 0) {
    throw new ImageError({ code: 'IMAGE_EMPTY', message: 'the picture has 0 bytes.', fix: 'Copy or download the file again.' });
  }
  const info = readHeader(bytes);
  if (info.width >= 1 && info.height >= 1) return info;
  throw new ImageError({
    code: 'IMAGE_DECODE',
    message: `the ${info.format.toUpperCase()} header says ${info.width}×${info.height} pixels, but at least 1×1 was expected.`,
    fix: 'The file is damaged: export it again.',
  });
}

function readHeader(bytes: Uint8Array): ImageInfo {
  const start = latin1(bytes, 0, 12);
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return readPng(bytes);
  if (start.startsWith('\xff\xd8\xff')) return readJpeg(bytes);
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return readGif(bytes);
  if (start.startsWith('RIFF') && start.slice(8) === 'WEBP') return readWebp(bytes);
  if (/^(?:II[*+]\0|MM\0[*+])/.test(start)) return readTiff(bytes);
  const brand = heifBrand(bytes);
  if (brand) return readHeif(bytes, brand);
  // Two letters are weak evidence, so the size of the header that follows must be one that exists.
  if (start.startsWith('BM') && [12, 40, 52, 56, 64, 108, 124].includes(bytes[14] ?? 0)) return readBmp(bytes);
  const root = svgRoot(bytes);
  if (root) return readSvg(bytes, root);
  throw new ImageError({
    code: 'IMAGE_UNKNOWN_FORMAT',
    message: `the data begin with ${JSON.stringify(start)}, but a PNG, JPEG, GIF, WebP, TIFF, AVIF, BMP or SVG picture was expected.`,
    fix: 'The content decides, not the name: check that the file is a picture, or convert it to PNG.',
  });
}
