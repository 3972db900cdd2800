import type { Image } from '@polymodal/modality-registry';
import { convert } from '../convert.js';
import { place } from '../crop.js';
import { allocatePixels, checkImage } from '../image.js';
import { checkColor } from '../pad.js';

/**
 * What `shape` makes of a grey picture converted to RGB and, where there is a `padColor`, expanded to a square of it. Resizing and cropping
 * treat channels alike, so that the same bytes come of converting the small result: the picture itself is never held three times.
 */
export function shapeGrey(image: Image, padColor: readonly number[] | undefined, shape: (ready: Image) => Image): Image {
  const grey = checkImage(convert(image, 'grey')); // alpha is dropped, as by a conversion to RGB
  if (!padColor) return convert(shape(grey), 'rgb');

  const color = checkColor(padColor, 3);
  // One square for all three channels: its border takes the level of one after the other.
  const side = Math.max(grey.width, grey.height);
  const square = allocatePixels(side, side, 1);
  const [left, top] = [Math.floor((side - grey.width) / 2), Math.floor((side - grey.height) / 2)];
  let out: Uint8Array = new Uint8Array(0); // [height, width, 3]
  let size = { width: 0, height: 0 };
  for (const [c, level] of color.entries()) {
    square.fill(level);
    place(grey, square, side, side, left, top);
    const { data, width, height } = shape({ data: square, width: side, height: side, channels: 1 });
    if (c === 0) {
      size = { width, height };
      out = allocatePixels(width, height, 3);
    }
    for (let i = 0, o = c; i < data.length; i++, o += 3) out[o] = data[i]!;
  }
  return { data: out, ...size, channels: 3 };
}
