import { dirname } from 'node:path';
import {
  AutoProcessor,
  AutoTokenizer,
  CLIPTextModelWithProjection,
  CLIPVisionModelWithProjection,
  env,
  RawImage,
  type Tensor,
} from '@huggingface/transformers';
import { createRandom, onnxBackend } from '@polymodal/autograd';
import { loadClip } from '@polymodal/clip/node';
import { starterFolder } from '@polymodal/starter/node';
import * as ort from 'onnxruntime-node';
import { packageVersion } from './installed.js';
import { pair, time } from './pair.js';
import type { BenchRow } from './row.js';

const size = { items: 256, side: 72, batch: 64 } as const;
const words = ['red', 'heart', 'rain', 'breakfast', 'cat', 'smiling', 'face', 'house', 'train', 'music', 'tree', 'flag'];

/** Opaque pictures of a few random rectangles, and captions of a few words. */
function samples() {
  const random = createRandom(11);
  const images = Array.from({ length: size.items }, () => {
    const data = new Uint8ClampedArray(size.side * size.side * 3).fill(255);
    for (let rectangle = 0; rectangle < 4; rectangle++) {
      const [left, top, extent] = [random.integer(size.side), random.integer(size.side), 4 + random.integer(32)];
      const colour = [random.integer(256), random.integer(256), random.integer(256)];
      for (let y = top; y < Math.min(size.side, top + extent); y++)
        for (let x = left; x < Math.min(size.side, left + extent); x++) data.set(colour, (y * size.side + x) * 3);
    }
    return { data, width: size.side, height: size.side, channels: 3 as const };
  });
  const texts = Array.from({ length: size.items }, () =>
    Array.from({ length: 1 + random.integer(6) }, () => words[random.integer(words.length)]).join(' '),
  );
  return { images, texts };
}

/** Items in slices of a batch. */
const batches = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: items.length / size.batch }, (_, i) => items.slice(i * size.batch, (i + 1) * size.batch));

/** Lowest cosine between rows of the same place. Ours are unit vectors. */
function lowestCosine(ours: Float32Array, peer: Float32Array, width: number): number {
  let lowest = 1;
  for (let at = 0; at < ours.length; at += width) {
    const row = peer.subarray(at, at + width);
    const dot = row.reduce((sum, value, i) => sum + value * ours[at + i]!, 0);
    lowest = Math.min(lowest, dot / Math.hypot(...row));
  }
  return lowest;
}

/** Embeds pictures and captions with a CLIP folder, here and in transformers.js. */
export async function measureEmbedding(folder: string) {
  const { images, texts } = samples();
  const clip = await loadClip(folder, { backend: onnxBackend(ort), batchSize: size.batch });
  env.allowRemoteModels = false;
  env.localModelPath = `${dirname(folder)}/`;
  const name = folder.slice(dirname(folder).length + 1);
  const [tokenizer, processor, textModel, visionModel] = await Promise.all([
    AutoTokenizer.from_pretrained(name),
    AutoProcessor.from_pretrained(name, {}),
    CLIPTextModelWithProjection.from_pretrained(name, { dtype: 'fp32' }),
    CLIPVisionModelWithProjection.from_pretrained(name, { dtype: 'fp32' }),
  ]);
  const peerImages = async (): Promise<Float32Array> => {
    const out: number[] = [];
    for (const batch of batches(images)) {
      const inputs = await processor(batch.map(({ data, width, height, channels }) => new RawImage(data, width, height, channels)));
      const { image_embeds } = (await visionModel(inputs)) as { image_embeds: Tensor };
      out.push(...(image_embeds.data as Float32Array));
    }
    return Float32Array.from(out);
  };
  const peerTexts = async (): Promise<Float32Array> => {
    const out: number[] = [];
    for (const batch of batches(texts)) {
      const { text_embeds } = (await textModel(tokenizer(batch, { padding: true, truncation: true }))) as { text_embeds: Tensor };
      out.push(...(text_embeds.data as Float32Array));
    }
    return Float32Array.from(out);
  };
  try {
    const pictures = lowestCosine((await clip.embedImages(images)).vectors.data, await peerImages(), clip.width);
    const captions = lowestCosine((await clip.embedText(texts)).vectors.data, await peerTexts(), clip.width);
    if (!(captions > 0.9999))
      throw new Error(`embed/starter: a caption's vectors have cosine ${captions}, so the two do not run the same model`);
    const result = await pair(
      () =>
        time(async () => {
          await clip.embedImages(images);
          await clip.embedText(texts);
        }),
      () =>
        time(async () => {
          await peerImages();
          await peerTexts();
        }),
      { pairs: 20, warmup: 3, settleMs: 50 },
    );
    return {
      ...result,
      peer: `@huggingface/transformers ${packageVersion('@huggingface/transformers')} (fp32)`,
      note: `both on ONNX Runtime; lowest cosine between the two ${pictures.toFixed(3)} for pictures, which they resize differently, and ${captions.toFixed(5)} for captions`,
    };
  } finally {
    await clip.dispose();
  }
}

export const embedStarter: BenchRow = {
  name: 'embed/starter',
  work: `${size.items} decoded ${size.side}×${size.side} pictures and ${size.items} captions to vectors with the starter, in batches of ${size.batch}`,
  measure: () => measureEmbedding(starterFolder),
};
