import type { Image } from '@polymodal/modality-registry';
import { coefficients } from '../src/coefficients.js';
import type { Filter } from '../src/filters.js';
import { imageProcessor, resize, resizePath } from '../src/index.js';
import { loadKernel } from '../src/kernel/instance.js';
import { resampleInKernel } from '../src/kernel/resample.js';
import type { Resample } from '../src/resample.js';
import { resamplePlain } from '../src/resample-plain.js';
import { resizeWith } from '../src/resize.js';
import manifest from './goldens/manifest.json';
import grey from './goldens/resize/L.u8' with { type: 'bytes' };
import noisy from './goldens/resize/noise.u8' with { type: 'bytes' };
import photo from './goldens/resize/photo.u8' with { type: 'bytes' };
import rgba from './goldens/resize/RGBA.u8' with { type: 'bytes' };
import { noise } from './noise.js';

/** Pillow's result as sha256, of a picture by name or of noise by seed. */
interface GoldenResize {
  readonly source?: string;
  readonly seed?: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly toWidth: number;
  readonly toHeight: number;
  readonly filter: Filter;
  readonly box?: readonly [number, number, number, number];
  readonly sha256: string;
}

const goldens = [...manifest.resize, ...manifest.random] as unknown as readonly GoldenResize[];
const sources: Readonly<Record<string, Uint8Array>> = {
  'resize/L.u8': grey,
  'resize/noise.u8': noisy,
  'resize/photo.u8': photo,
  'resize/RGBA.u8': rgba,
};

const resampleSimd: Resample = (...given) => {
  const data = resampleInKernel(loadKernel()!, ...given);
  if (!data) throw new Error('the kernel declined');
  return data;
};
const paths = { 'wasm-simd': resampleSimd, typescript: resamplePlain };

const pictureOf = ({ source, seed, width, height, channels }: GoldenResize): Image =>
  source === undefined ? noise(width, height, channels, seed) : { data: sources[source]!, width, height, channels };

async function sha256(data: Uint8Array | Uint8ClampedArray): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(data)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function goldenCase(path: keyof typeof paths, golden: GoldenResize) {
  const { source, seed, width, height, channels, toWidth, toHeight, filter, box, sha256: expected } = golden;
  const from = `${source ?? `noise ${seed}`}, ${width}×${height}×${channels}`;
  return {
    name: `${path}: ${from}, ${filter} to ${toWidth}×${toHeight}${box ? ` of ${box}` : ''}, as Pillow's`,
    async run() {
      const options = { width: toWidth, height: toHeight, filter, ...(box && { box }) };
      const { data } = resizeWith(pictureOf(golden), options, coefficients, paths[path]);
      const found = await sha256(data);
      if (found !== expected) throw new Error(`sha256 is ${found}, but Pillow's is ${expected}`);
      return data;
    },
  };
}

const photograph = noise(640, 480, 3);

export default [
  { name: 'the kernel runs', run: resizePath },
  ...goldens.flatMap((golden) => [goldenCase('wasm-simd', golden), goldenCase('typescript', golden)]),
  { name: 'a picture of 640×480 to 298×224', run: () => resize(photograph, { width: 298, height: 224 }).data },
  {
    name: 'CLIP preprocessing of 640×480',
    run: () => imageProcessor({ image_processor_type: 'CLIPImageProcessor', size: { shortest_edge: 224 }, crop_size: 224 })(photograph),
  },
];
