import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@polymodal/autograd';
import { imageProcessor, resizePath } from '@polymodal/image-patcher';
import { clipConfig, type ImagePeerStart, type Picture, torchvision, transformersJs, xenovaTransformers } from './image-peers.js';
import { pair, time } from './pair.js';
import type { BenchRow } from './row.js';

/** A level of 0…255 in normalised values, of the channel where it is least. */
const level = 1 / 255 / Math.max(...clipConfig.image_std);
const tolerance = 1e-5;

/** Waves of many lengths and a grain of a few levels, about as a photograph has them; times do not depend on what is seen. */
function photograph(width: number, height: number): Picture {
  const random = createRandom(7);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wave = Math.sin(x / 97 + y / 61) + Math.sin(y / 29 - x / 41) + Math.sin(x / 13) * Math.sin(y / 17);
      for (let c = 0; c < 3; c++) data[i++] = 128 + 36 * wave + 9 * c + random.integer(12);
    }
  }
  return { data, width, height, channels: 3 };
}

/** How far apart values are, at most and in the mean. */
function differences(ours: Float32Array, peer: Float32Array) {
  if (ours.length !== peer.length) throw new Error(`image/clip: the peer made ${peer.length} values, ours are ${ours.length}`);
  const each = ours.map((value, i) => Math.abs(value - peer[i]!));
  return { largest: each.reduce((a, b) => Math.max(a, b), 0), mean: each.reduce((a, b) => a + b, 0) / each.length };
}

interface ClipRow {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly start: ImagePeerStart;
  /** A peer that follows Pillow must give the same values; others are told how far off they are. */
  readonly exact: boolean;
  readonly missing: string;
  readonly pairs: number;
}

function clipRow({ name, width, height, start, exact, missing, pairs }: ClipRow): BenchRow {
  return {
    name,
    work: `a decoded ${width}×${height} RGB picture to CLIP's pixel values: resized, cropped and normalised to [3, 224, 224], one thread`,
    async measure() {
      const folder = await mkdtemp(join(tmpdir(), 'polymodal-bench-'));
      const picture = photograph(width, height);
      const processor = imageProcessor(clipConfig);
      const peer = await start(picture, folder);
      try {
        const way = `ours by ${resizePath() === 'wasm-simd' ? 'WebAssembly SIMD' : 'plain TypeScript'}`;
        const apart = peer && differences(processor(picture).data, peer.values);
        if (exact && apart !== undefined && !(apart.largest <= tolerance))
          throw new Error(`${name}: values differ by ${apart.largest}, more than ${tolerance}`);
        const result = await pair(() => time(() => processor(picture)), peer?.run, { pairs, warmup: Math.ceil(pairs / 5) });
        if (!peer || apart === undefined) return { ...result, peer: null, note: `${missing}; ${way}` };
        const agreement = exact
          ? `values agree to ${apart.largest.toExponential(1)}`
          : `the peer does not antialias, so it reads fewer pixels and is ${(apart.mean / level).toFixed(1)} of 255 levels off in the mean`;
        return { ...result, peer: peer.name, note: `${agreement}; ${way}` };
      } finally {
        peer?.close();
        await rm(folder, { recursive: true });
      }
    },
  };
}

const small = { width: 640, height: 480, pairs: 100 };
const large = { width: 4000, height: 3000, pairs: 15 };
const python = { start: torchvision, exact: true, missing: 'no Python with torchvision on this machine' };
const current = { start: transformersJs, exact: false, missing: 'no transformers.js' };

/** CLIP's preprocessing of two sizes beside torchvision and transformers.js. */
export const imageClip: readonly BenchRow[] = [
  clipRow({ name: 'image/clip-640x480', ...small, ...python }),
  clipRow({ name: 'image/clip-640x480/transformers.js', ...small, ...current }),
  clipRow({ name: 'image/clip-640x480/xenova', ...small, ...current, start: xenovaTransformers }),
  clipRow({ name: 'image/clip-4000x3000', ...large, ...python }),
  clipRow({ name: 'image/clip-4000x3000/transformers.js', ...large, ...current }),
];
