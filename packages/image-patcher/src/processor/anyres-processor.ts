import type { Image, TensorLike } from '@polymodal/modality-registry';
import { anyresTilesWith } from '../anyres/anyres-tiles.js';
import { checkImage } from '../image.js';
import { writeNormalized } from '../normalize.js';
import type { Resizer } from '../resize.js';
import type { ProcessorSettings } from './config.js';

/** The overview and the tiles of a picture below one another, as one picture: the bytes of [1 + tiles, side, side, channels]. */
export function stackedTiles(image: Image, tiles: NonNullable<ProcessorSettings['tiles']>, resizer: Resizer): Image {
  const cut = anyresTilesWith(resizer, image, tiles);
  const all = [cut.overview, ...cut.tiles];
  const { channels } = checkImage(cut.overview);
  const size = cut.overview.data.length;
  const data = new Uint8Array(all.length * size);
  for (const [i, tile] of all.entries()) data.set(tile.data, i * size);
  return { data, width: tiles.tileSize, height: tiles.tileSize * all.length, channels };
}

/** Pictures below one another, each `side` high, to [pictures, channels, side, width]. */
export function normalizeStacked(
  image: Image,
  side: number,
  tablesOf: (channels: number) => readonly Float32Array[],
): TensorLike<'float32'> {
  const { data, width, height, channels } = checkImage(image);
  const count = height / side;
  const size = side * width * channels;
  const out = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const one = { data: data.subarray(i * size, (i + 1) * size), width, height: side, channels };
    writeNormalized(one, tablesOf(channels), 'chw', out, i * size);
  }
  return { type: 'float32', dims: [count, channels, side, width], data: out };
}
