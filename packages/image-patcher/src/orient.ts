import type { Image } from '@polymodal/modality-registry';
import { ImageError, shown } from './errors.js';
import { allocatePixels, checkImage } from './image.js';

/** An EXIF orientation: how a stored picture must be turned to stand upright; 1 is upright already. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** For each orientation from 1 on: whether rows and columns change places, and which axes of the result run backwards in the source. */
const turns = [
  { swap: false, backX: false, backY: false },
  { swap: false, backX: true, backY: false },
  { swap: false, backX: true, backY: true },
  { swap: false, backX: false, backY: true },
  { swap: true, backX: false, backY: false },
  { swap: true, backX: true, backY: false },
  { swap: true, backX: true, backY: true },
  { swap: true, backX: false, backY: true },
] as const;

/**
 * Turns a picture upright by its EXIF orientation (see `readOrientation`), as Pillow's `ImageOps.exif_transpose`; 1 gives it back as it is, not
 * copied.
 * No decoder and no processor here does so by itself, as none of the Python originals does.
 *
 * @throws ImageError `IMAGE_MODE` for an orientation other than 1 to 8; `IMAGE_DIMENSIONS`, `IMAGE_CHANNELS`.
 */
export function orient(image: Image, orientation: Orientation): Image {
  const { data, width, height, channels } = checkImage(image);
  const turn = Number.isInteger(orientation) ? turns[orientation - 1] : undefined;
  if (!turn) {
    throw new ImageError({
      code: 'IMAGE_MODE',
      message: `orientation is ${shown(orientation)}, but a whole number from 1 to 8 was expected.`,
    });
  }
  if (orientation === 1) return image;
  const [outWidth, outHeight] = turn.swap ? [height, width] : [width, height];
  const out = allocatePixels(outWidth, outHeight, channels);
  // What one step along x and along y of the result means in the source, in bytes.
  const row = width * channels;
  const stepX = (turn.swap ? row : channels) * (turn.backX ? -1 : 1);
  const stepY = (turn.swap ? channels : row) * (turn.backY ? -1 : 1);
  const first = (turn.backX ? -stepX * (outWidth - 1) : 0) + (turn.backY ? -stepY * (outHeight - 1) : 0);
  for (let y = 0, o = 0; y < outHeight; y++) {
    for (let x = 0, p = first + y * stepY; x < outWidth; x++, p += stepX) {
      for (let c = 0; c < channels; c++) out[o++] = data[p + c]!;
    }
  }
  return { data: out, width: outWidth, height: outHeight, channels };
}
