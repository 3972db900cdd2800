import type { Image } from '@polymodal/modality-registry';
import { ImageError } from '../errors.js';
import { exifOf, readOrientation } from '../orientation.js';
import { withoutTurns } from '../sniff/heif.js';
import type { ImageInfo } from '../sniff/reader.js';

/** What is used of canvases: their types are in no library that Node's sources may name. */
interface Bitmap {
  readonly width: number;
  readonly height: number;
  close(): void;
}

interface Context {
  globalCompositeOperation: 'copy';
  drawImage(bitmap: Bitmap, x: number, y: number): void;
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
}

interface Canvases {
  readonly createImageBitmap?: (
    blob: Blob,
    options: { readonly colorSpaceConversion: 'none'; readonly premultiplyAlpha: 'none' },
  ) => Promise<Bitmap>;
  readonly OffscreenCanvas?: new (
    width: number,
    height: number,
  ) => { getContext(kind: '2d', options: { readonly willReadFrequently: true }): Context | null };
}

/** Rows that are read at a time, so that a canvas never holds a second copy of a large picture. */
const ROWS = 1024;

/**
 * The browser's own decoder, read through a canvas: RGB, or RGBA where a pixel is transparent. ImageDecoder is no way to the same levels: it
 * gives JPEG as YUV, whose conversion is up to 33 levels off libjpeg's.
 *
 * @throws ImageError `IMAGE_DECODER_MISSING` where there are no canvases, `IMAGE_DECODE` for a picture of another size than its header says;
 *   what the browser throws.
 */
export async function decodeBitmap(bytes: Uint8Array, { format, width, height }: ImageInfo): Promise<Image> {
  const { createImageBitmap, OffscreenCanvas } = globalThis as Canvases;
  if (!createImageBitmap || !OffscreenCanvas) {
    throw new ImageError({
      code: 'IMAGE_DECODER_MISSING',
      message: `decoding ${format.toUpperCase()} needs createImageBitmap and OffscreenCanvas, which there are not here.`,
      fix: 'Use a recent browser; in Node import @polymodal/image-patcher/node.',
    });
  }
  const copy = new Uint8Array(format === 'avif' ? withoutTurns(bytes) : bytes);
  // Without its EXIF block no browser turns the picture; Pillow does not either.
  if (readOrientation(copy) !== 1) exifOf(copy)?.fill(0);
  const blob = new Blob([copy], { type: `image/${format}` });
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  try {
    if (bitmap.width !== width || bitmap.height !== height) {
      throw new Error(`${bitmap.width}×${bitmap.height} pixels, but its header says ${width}×${height}`);
    }
    const context = new OffscreenCanvas(width, Math.min(height, ROWS)).getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('the browser has no canvas left');
    // Nothing of the rows before shines through.
    context.globalCompositeOperation = 'copy';
    const rgba = new Uint8Array(width * height * 4);
    for (let y = 0; y < height; y += ROWS) {
      context.drawImage(bitmap, 0, -y);
      rgba.set(context.getImageData(0, 0, width, Math.min(ROWS, height - y)).data, y * width * 4);
    }
    return withoutOpaqueAlpha(rgba, width, height);
  } finally {
    bitmap.close();
  }
}

function withoutOpaqueAlpha(rgba: Uint8Array, width: number, height: number): Image {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return { data: rgba, width, height, channels: 4 };
  const data = new Uint8Array(width * height * 3);
  for (let o = 0, i = 0; o < data.length; o += 3, i += 4) {
    data[o] = rgba[i]!;
    data[o + 1] = rgba[i + 1]!;
    data[o + 2] = rgba[i + 2]!;
  }
  return { data, width, height, channels: 3 };
}
