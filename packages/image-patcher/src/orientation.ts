import { ImageError } from './errors.js';
import type { Orientation } from './orient.js';
import { heifBrand, heifOrientation } from './sniff/heif.js';
import { asBytes, type ImageFormat, Reader } from './sniff/reader.js';

const ORIENTATION = 274;
const SHORT = 3;

/**
 * The EXIF orientation that a JPEG, PNG or WebP file carries, or that an AVIF's or HEIC's own boxes amount to: what is left to do for `orient`
 * once the file is decoded. 1 where there is none, where the metadata are damaged, for a TIFF, which `decodeImage` turns as Pillow does, and
 * for data of any other kind. Nothing is decoded; the time is bounded by the number of the file's segments.
 *
 * @throws ImageError `IMAGE_FILE` for what is no bytes.
 */
export function readOrientation(input: Uint8Array | ArrayBuffer): Orientation {
  const bytes = asBytes(input);
  return orUpright(() => {
    if (heifBrand(bytes)) return heifOrientation(bytes);
    const exif = exifOf(bytes);
    return exif ? orientationOf(exif) : 1;
  });
}

/** The orientation of a TIFF's first picture, the only one that Pillow's decoder applies by itself; 1 as in {@link readOrientation}. */
export function tiffOrientation(bytes: Uint8Array): Orientation {
  return orUpright(() => orientationOf(bytes));
}

function orUpright(read: () => Orientation): Orientation {
  try {
    return read();
  } catch (error) {
    // Damaged metadata do not make a picture unreadable: it stays as it is stored.
    if (error instanceof ImageError) return 1;
    throw error;
  }
}

/** The EXIF block within a file: a TIFF structure, as a view of the file's bytes. */
export function exifOf(bytes: Uint8Array): Uint8Array | undefined {
  const start = new Reader(bytes, 'tiff').tag(0, 12);
  if (start.startsWith('\xff\xd8\xff')) return jpegExif(bytes);
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return chunk(bytes, 'png', 8, 'eXIf');
  if (start.startsWith('RIFF') && start.slice(8) === 'WEBP') return chunk(bytes, 'webp', 12, 'EXIF');
  return undefined;
}

/** The first segment APP1 that begins with "Exif" and two zeros, before the picture's data. */
function jpegExif(bytes: Uint8Array): Uint8Array | undefined {
  const reader = new Reader(bytes, 'jpeg');
  for (let at = 2; reader.u8(at) === 0xff; ) {
    const marker = reader.u8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) return undefined;
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    const length = reader.u16(at + 2);
    if (length < 2) return undefined;
    if (marker === 0xe1 && reader.tag(at + 4, 6) === 'Exif\0\0') return bytes.subarray(at + 10, at + 2 + length);
    at += 2 + length;
  }
  return undefined;
}

/** The contents of the first chunk with this tag: in PNG the length comes before it and a checksum behind, in WebP the length after it. */
function chunk(bytes: Uint8Array, format: ImageFormat, start: number, tag: string): Uint8Array | undefined {
  const png = format === 'png';
  const reader = new Reader(bytes, format, !png);
  for (let at = start; at + 8 <= bytes.length; ) {
    const length = reader.u32(png ? at : at + 4);
    if (reader.tag(png ? at + 4 : at) === tag) return withoutPrefix(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length + (png ? 4 : length % 2);
  }
  return undefined;
}

/** Some writers put JPEG's "Exif" mark before the block in other formats too. */
function withoutPrefix(exif: Uint8Array): Uint8Array {
  return new Reader(exif, 'tiff').tag(0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
}

/** Tag 274 of the first directory (TIFF 6.0, section 2, and BigTIFF; Exif 2.32, section 4.6.4). */
function orientationOf(exif: Uint8Array): Orientation {
  const reader = new Reader(exif, 'tiff', exif[0] === 0x49);
  const big = reader.u16(2) === 43;
  if (reader.u16(0) !== (reader.littleEndian ? 0x4949 : 0x4d4d) || (!big && reader.u16(2) !== 42)) return 1;
  const directory = big ? reader.u64(8) : reader.u32(4);
  const entries = big ? reader.u64(directory) : reader.u16(directory);
  const first = directory + (big ? 8 : 2);
  for (let i = 0; i < entries; i++) {
    const entry = first + i * (big ? 20 : 12);
    if (reader.u16(entry) !== ORIENTATION) continue;
    const value = reader.u16(entry + 2) === SHORT ? reader.u16(entry + (big ? 12 : 8)) : 1;
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}
