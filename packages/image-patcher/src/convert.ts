import type { Image } from '@polymodal/modality-registry';
import { checkChoice, ImageError } from './errors.js';
import { allocatePixels, checkImage, type Pixels } from './image.js';
import { checkColor } from './pad.js';

/** `grey` is Pillow's mode L. */
export type ColorMode = 'grey' | 'rgb' | 'rgba';

/**
 * Converts between grey, RGB and RGBA as Pillow's `Image.convert`: alpha is dropped, not blended (see {@link flatten}); grey is
 * 0.299 R + 0.587 G + 0.114 B (ITU-R 601-2) in 16-bit fixed point. A picture that is in the mode already is given back as it is,
 * not copied.
 *
 * @throws ImageError `IMAGE_DIMENSIONS`, `IMAGE_CHANNELS`, `IMAGE_MODE`.
 */
export function convert(image: Image, mode: ColorMode): Image {
  const source = checkImage(image);
  checkChoice('mode', mode, ['grey', 'rgb', 'rgba']);
  const channels = { grey: 1, rgb: 3, rgba: 4 }[mode];
  if (channels === source.channels) return image;
  const data = allocatePixels(source.width, source.height, channels);
  if (mode === 'grey') toGrey(source, data);
  else toColor(source, data, channels);
  return { data, width: source.width, height: source.height, channels };
}

function toGrey({ data, channels }: Pixels, out: Uint8Array): void {
  for (let i = 0, p = 0; i < out.length; i++, p += channels) {
    out[i] = channels === 2 ? data[p]! : (data[p]! * 19595 + data[p + 1]! * 38470 + data[p + 2]! * 7471 + 0x8000) >> 16;
  }
}

function toColor({ data, channels }: Pixels, out: Uint8Array, outChannels: number): void {
  const grey = channels < 3;
  for (let o = 0, p = 0; o < out.length; o += outChannels, p += channels) {
    out[o] = data[p]!;
    out[o + 1] = data[grey ? p : p + 1]!;
    out[o + 2] = data[grey ? p : p + 2]!;
    if (outChannels === 4) out[o + 3] = channels === 2 ? data[p + 1]! : 255;
  }
}

/**
 * Composites a picture over a background of one colour (white by default) and drops its alpha; one without alpha is given back as it is,
 * not copied.
 * Grey with alpha over a colour of three levels becomes RGB. The result equals Pillow's `background.paste(image, mask=alpha)`.
 *
 * @throws ImageError `IMAGE_DIMENSIONS`, `IMAGE_CHANNELS`, `IMAGE_COLOR`.
 */
export function flatten(image: Image, background: number | readonly number[] = 255): Image {
  const source = checkImage(image);
  const { data, width, height, channels } = source;
  const colors = channels > 2 || (Array.isArray(background) && background.length === 3) ? 3 : 1;
  const color = checkColor(background, colors);
  if (channels === 1 || channels === 3) return image;
  if (colors > channels) return flatten(convert(image, 'rgba'), color);
  const out = allocatePixels(width, height, colors);
  for (let o = 0, p = 0; p < data.length; o += colors, p += channels) {
    const alpha = data[p + colors]!;
    for (let c = 0; c < colors; c++) {
      const blend = data[p + c]! * alpha + color[c]! * (255 - alpha) + 128;
      out[o + c] = ((blend >> 8) + blend) >> 8;
    }
  }
  return { data: out, width, height, channels: colors };
}

/** Four channels of ink (0 none, 255 full) to RGB without colour management, as Pillow's CMYK → RGB. @throws ImageError `IMAGE_CHANNELS`. */
export function cmykToRgb(image: Image): Image {
  const { data, width, height, channels } = checkImage(image);
  if (channels !== 4) throw new ImageError({ code: 'IMAGE_CHANNELS', message: `image has ${channels} channels, but CMYK has 4.` });
  const out = allocatePixels(width, height, 3);
  for (let o = 0, p = 0; p < data.length; o += 3, p += 4) {
    const light = 255 - data[p + 3]!;
    for (let c = 0; c < 3; c++) {
      const ink = data[p + c]! * light + 128;
      out[o + c] = light - (((ink >> 8) + ink) >> 8);
    }
  }
  return { data: out, width, height, channels: 3 };
}
