import type { Image } from '@polymodal/modality-registry';
import { checkChoice, checkOptions, ImageError } from './errors.js';
import { allocatePixels, checkImage, checkSize, type Pixels } from './image.js';
import type { Rectangle } from './resize.js';

/** Where a centre crop begins when what is left over is odd: torchvision rounds half to even, Hugging Face rounds down. */
export type CropRounding = 'torchvision' | 'hf';

/**
 * Cuts a rectangle out of a picture; what lies outside of the picture is filled with zeros, as in Pillow's `Image.crop`.
 *
 * @throws ImageError `IMAGE_DIMENSIONS`, `IMAGE_BOX`, `IMAGE_OPTIONS`, `IMAGE_TOO_LARGE`.
 */
export function crop(image: Image, rectangle: Rectangle): Image {
  const source = checkImage(image);
  const { left, top, width, height } = checkOptions(rectangle, '{ left, top, width, height }');
  checkSize('crop width', width);
  checkSize('crop height', height);
  if (!Number.isSafeInteger(left) || !Number.isSafeInteger(top)) {
    throw new ImageError({ code: 'IMAGE_BOX', message: `crop begins at (${left}, ${top}), but whole numbers were expected.` });
  }
  const data = allocatePixels(width, height, source.channels);
  place(source, data, width, height, -left, -top);
  return { data, width, height, channels: source.channels };
}

/** Copies `source` into a picture of `width` × `height` with its corner at (left, top); what falls outside is left out. */
export function place(
  { data, width: w, height: h, channels }: Pixels,
  out: Uint8Array,
  width: number,
  height: number,
  left: number,
  top: number,
): void {
  const fromX = Math.max(0, -left);
  const toX = Math.min(w, width - left);
  if (toX <= fromX) return;
  for (let y = Math.max(0, -top); y < Math.min(h, height - top); y++) {
    const row = data.subarray((y * w + fromX) * channels, (y * w + toX) * channels);
    out.set(row, ((y + top) * width + left + fromX) * channels);
  }
}

/** Where the centre crop of `target` out of `size` pixels begins; negative where the picture is smaller and must be padded. */
export function centerCropStart(size: number, target: number, rounding: CropRounding): number {
  const spare = size - target;
  if (rounding === 'torchvision') return spare < 0 ? -Math.floor(-spare / 2) : roundHalfToEven(spare / 2);
  return Math.floor(spare / 2);
}

/** As Python's `round`. */
export function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

/**
 * The middle of a picture, padded with zeros where the picture is smaller. `rounding` says whose: torchvision's `CenterCrop` (default) and
 * Hugging Face's `center_crop` differ by one pixel when an odd number of pixels is left over.
 *
 * @throws ImageError `IMAGE_DIMENSIONS`, `IMAGE_MODE` for another rounding, `IMAGE_OPTIONS`, `IMAGE_TOO_LARGE`.
 */
export function centerCrop(
  image: Image,
  size: { readonly width: number; readonly height: number },
  rounding: CropRounding = 'torchvision',
): Image {
  const { width, height } = checkImage(image);
  checkOptions(size, '{ width, height }');
  checkChoice('rounding', rounding, ['torchvision', 'hf']);
  return crop(image, {
    left: centerCropStart(width, size.width, rounding),
    top: centerCropStart(height, size.height, rounding),
    ...size,
  });
}
