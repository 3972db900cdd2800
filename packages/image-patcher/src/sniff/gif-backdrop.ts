import type { Image } from '@polymodal/modality-registry';
import { readFirstFrame } from './gif.js';

/**
 * A GIF as decoded, RGB or RGBA, with what Pillow has around a first picture that is smaller than the canvas: its palette's first colour, where
 * decoders leave black or nothing. One with a transparent colour is transparent there, and stays as it is.
 */
export function withBackdrop(image: Image, bytes: Uint8Array): Image {
  const frame = readFirstFrame(bytes);
  const { width, height, channels = 3 } = image;
  if (!frame || frame.transparent) return image;
  const [right, bottom] = [frame.x + frame.width, frame.y + frame.height];
  if (frame.x === 0 && frame.y === 0 && right >= width && bottom >= height) return image;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0, p = y * width * channels; x < width; x++, o += 3, p += channels) {
      const inside = x >= frame.x && x < right && y >= frame.y && y < bottom;
      for (let c = 0; c < 3; c++) data[o + c] = inside ? image.data[p + c]! : frame.color[c]!;
    }
  }
  return { data, width, height, channels: 3 };
}
