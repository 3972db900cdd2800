import type { Image } from '@polymodal/modality-registry';
import { convert } from '../convert.js';
import { ImageError, shown } from '../errors.js';
import { allocatePixels, checkImage, type Pixels } from '../image.js';

const { floor, fround, max, min } = Math;

/**
 * Brightness times `factor`: 0 is black, 1 the picture itself; alpha stays. As Pillow's `ImageEnhance.Brightness`.
 *
 * @throws ImageError `IMAGE_AUGMENT` unless factor is a number from 0; `IMAGE_DIMENSIONS`, `IMAGE_CHANNELS`.
 */
export function adjustBrightness(image: Image, factor: number): Image {
  return blendWith(checkImage(image), () => 0, factor);
}

/** Contrast times `factor`: 0 is the mean grey, rounded. As Pillow's `ImageEnhance.Contrast`. @throws ImageError as {@link adjustBrightness}. */
export function adjustContrast(image: Image, factor: number): Image {
  const grey = checkImage(convert(image, 'grey')).data;
  let sum = 0;
  for (let i = 0; i < grey.length; i++) sum += grey[i]!;
  const mean = floor(sum / grey.length + 0.5);
  return blendWith(checkImage(image), () => mean, factor);
}

/** Saturation times `factor`: 0 is grey. As Pillow's `ImageEnhance.Color`. @throws ImageError as {@link adjustBrightness}. */
export function adjustSaturation(image: Image, factor: number): Image {
  const grey = checkImage(convert(image, 'grey')).data;
  return blendWith(checkImage(image), (pixel) => grey[pixel]!, factor);
}

/** One level of grey in each channel but alpha: what Pillow's conversion to L and back gives. @throws ImageError as `convert`. */
export function toGreyChannels(image: Image): Image {
  return adjustSaturation(image, 0);
}

/** From the level that `other` gives for a pixel (factor 0) to the picture (1) and beyond, in float32 and cut off, as Pillow's `blend`. */
function blendWith({ data, width, height, channels }: Pixels, other: (pixel: number) => number, factor: number): Image {
  if (!(Number.isFinite(factor) && factor >= 0)) {
    throw new ImageError({ code: 'IMAGE_AUGMENT', message: `factor is ${shown(factor)}, but a number from 0 was expected.` });
  }
  const alpha = fround(factor);
  const out = allocatePixels(width, height, channels);
  const colors = channels === 2 || channels === 4 ? channels - 1 : channels;
  for (let p = 0, i = 0; p < data.length; p += channels, i++) {
    const from = other(i);
    for (let c = 0; c < colors; c++) {
      const level = fround(from + fround(alpha * (data[p + c]! - from)));
      out[p + c] = max(0, min(255, level)); // cut off, not rounded
    }
    if (colors < channels) out[p + colors] = data[p + colors]!;
  }
  return { data: out, width, height, channels };
}
