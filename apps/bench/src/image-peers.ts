import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLIPImageProcessor, RawImage } from '@huggingface/transformers';
import * as xenova from '@xenova/transformers';
import sharp from 'sharp';
import { packageVersion } from './installed.js';
import { type Side, time } from './pair.js';
import { findPython, startPython } from './python-peer.js';

/** OpenAI's CLIP ViT-B/32, in the words of its `preprocessor_config.json`; the older name is for older readers. */
export const clipConfig = {
  image_processor_type: 'CLIPImageProcessor',
  feature_extractor_type: 'CLIPFeatureExtractor',
  do_resize: true,
  size: { shortest_edge: 224 },
  resample: 3,
  do_center_crop: true,
  crop_size: { height: 224, width: 224 },
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  do_convert_rgb: true,
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
};
/** A decoded RGB picture. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
}

/** Something that preprocesses pictures for CLIP. */
export interface ImagePeer {
  readonly name: string;
  /** What it makes of the picture. [3, 224, 224] */
  readonly values: Float32Array;
  /** Preprocesses the picture once. */
  readonly run: Side;
  close(): void;
}

/** Begins a peer for one picture; `folder` is for its files. Undefined where this machine has none. */
export type ImagePeerStart = (picture: Picture, folder: string) => Promise<ImagePeer | undefined>;

/** torchvision's transforms on a Pillow picture, in a Python child process that takes its own time. */
export const torchvision: ImagePeerStart = async ({ data, width, height }, folder) => {
  const python = findPython('torchvision');
  if (python === undefined) return undefined;
  const peer = await startPython<{ pillow: string; torchvision: string; threads: number }>(python, 'clip_preprocess.py', {
    OMP_NUM_THREADS: '1',
  });
  const [path, out] = [join(folder, 'picture.rgb'), join(folder, 'values.f32')];
  await writeFile(path, data);
  await peer.ask({ op: 'load', path, width, height, out });
  const bytes = await readFile(out);
  return {
    name: `Pillow ${peer.hello.pillow} with torchvision ${peer.hello.torchvision}, ${peer.hello.threads} thread`,
    values: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)),
    run: async () => (await peer.ask<{ ms: number }>({ op: 'run' })).ms,
    close: () => peer.close(),
  };
};

/** transformers.js, whose pictures go through sharp in Node. */
export const transformersJs: ImagePeerStart = async ({ data, width, height, channels }) => {
  sharp.concurrency(1);
  const processor = new CLIPImageProcessor(clipConfig);
  const image = new RawImage(new Uint8ClampedArray(data), width, height, channels);
  const { pixel_values } = await processor([image]);
  return {
    name: `@huggingface/transformers ${packageVersion('@huggingface/transformers')} with sharp ${packageVersion('sharp')}, 1 thread`,
    values: Float32Array.from(pixel_values.data as Float32Array),
    run: () => time(() => processor([image])),
    close: () => {},
  };
};

/** transformers.js before it changed hands, which many still use. */
export const xenovaTransformers: ImagePeerStart = async ({ data, width, height, channels }, folder) => {
  sharp.concurrency(1);
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(clipConfig));
  xenova.env.allowRemoteModels = false;
  xenova.env.localModelPath = '';
  const processor = await xenova.AutoProcessor.from_pretrained(folder);
  const image = new xenova.RawImage(new Uint8ClampedArray(data), width, height, channels);
  const { pixel_values } = await processor([image]);
  return {
    name: `@xenova/transformers ${packageVersion('@xenova/transformers')} with sharp ${packageVersion('sharp')}, 1 thread`,
    values: Float32Array.from(pixel_values.data as Float32Array),
    run: () => time(() => processor([image])),
    close: () => {},
  };
};
