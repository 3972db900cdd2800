import {
  anyresTiles,
  augment,
  colorJitter,
  horizontalFlip,
  interpolate,
  interpolatePositions,
  orient,
  randomAffine,
  randomErase,
  randomGrey,
  randomResizedCrop,
  sinCosPositions2d,
} from '../src/index.js';
import { noise } from './noise.js';

const photograph = noise(120, 90, 3);
const steps = augment(
  randomResizedCrop({ width: 64, height: 48 }),
  horizontalFlip(),
  randomAffine({ degrees: 30, translate: [0.1, 0.1], scale: [0.8, 1.2], shear: 10 }),
  colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.2 }),
  randomGrey(),
  randomErase(),
);
const values = { type: 'float32' as const, dims: [49, 16], data: Float32Array.from(noise(49, 16, 1).data, (level) => level / 255) };

export default [
  ...Array.from({ length: 20 }, (_, seed) => ({ name: `augmentation with seed ${seed}`, run: () => steps(photograph, seed).data })),
  { name: 'tiles of AnyRes', run: () => anyresTiles(photograph).tiles.map(({ data }) => data) },
  { name: 'a quarter turn', run: () => orient(photograph, 6).data },
  { name: 'sine-cosine positions', run: () => sinCosPositions2d(14, 64).data },
  { name: 'a position table', run: () => interpolatePositions(values, { to: 10, method: 'bicubic-antialias' }).data },
  { name: 'interpolation', run: () => interpolate(values, { size: 30, mode: 'bicubic' }).data },
];
