import { ImageError } from '../errors.js';
import type { ImageInfo } from './reader.js';

/** Refuses a picture by what its header claims, before anything is allocated. @throws ImageError `IMAGE_TOO_LARGE`. */
export function checkPixels({ format, width, height }: ImageInfo, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new ImageError({
    code: 'IMAGE_TOO_LARGE',
    message: `the ${format.toUpperCase()} header claims ${width}×${height}, ${width * height} pixels, but at most ${maxPixels} are decoded.`,
    fix: 'It may be a decompression bomb; pass a larger maxPixels if the picture can be trusted.',
  });
}
