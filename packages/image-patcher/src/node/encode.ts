import type { Image } from '@polymodal/modality-registry';
import { checkImage } from '../image.js';
import { loadSharp } from './sharp.js';

/**
 * Encodes a picture of 1 to 4 channels as a PNG file, losslessly. Needs the optional peer sharp.
 *
 * @throws ImageError `IMAGE_DIMENSIONS`, `IMAGE_CHANNELS`, `IMAGE_SHARP_MISSING`.
 */
export async function encodePng(image: Image): Promise<Uint8Array> {
  const { data, width, height, channels } = checkImage(image);
  const sharp = await loadSharp();
  // A grey picture stays grey in the file.
  const space = channels < 3 ? 'b-w' : 'srgb';
  const bytes = await sharp(data, { raw: { width, height, channels } }).toColourspace(space).png().toBuffer();
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
