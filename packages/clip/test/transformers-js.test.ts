import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as huggingFace from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { onnxBackend } from '@polymodal/autograd';
import { type ImageProcessor, imageProcessor } from '@polymodal/image-patcher';
import { decodeImage, encodePng } from '@polymodal/image-patcher/node';
import type { Image, TensorLike } from '@polymodal/modality-registry';
import type { Tokenizer } from '@polymodal/text-tokenizer';
import { loadTokenizer } from '@polymodal/text-tokenizer/node';
import * as xenova from '@xenova/transformers';
import * as ort from 'onnxruntime-node';
import type { ClipSpace } from '../src/index.js';
import { loadClip, saveClip } from '../src/node/index.js';
import { largestDifference } from './goldens.js';
import { noise, tinyModel } from './tiny-model.js';

interface PeerTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}
type Inputs = Readonly<Record<string, unknown>>;
type Loader<T> = { from_pretrained(name: string, options?: object): Promise<T> };
type Model = ((inputs: Inputs) => Promise<Readonly<Record<string, PeerTensor>>>) & { dispose(): Promise<unknown> };

/** What is used of either transformers.js. */
interface Library {
  readonly env: { allowRemoteModels: boolean; allowLocalModels: boolean; localModelPath: string };
  readonly AutoTokenizer: Loader<(texts: string | readonly string[], options?: object) => Readonly<Record<string, unknown>>>;
  readonly AutoProcessor: Loader<(image: unknown) => Promise<{ readonly pixel_values: PeerTensor }>>;
  readonly CLIPTextModelWithProjection: Loader<Model>;
  readonly CLIPVisionModelWithProjection: Loader<Model>;
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => PeerTensor;
  readonly RawImage: { read(path: string): Promise<unknown> };
}

const libraries: readonly [name: string, library: Library, full: object, quantized: object][] = [
  ['@huggingface/transformers', huggingFace as unknown as Library, { dtype: 'fp32' }, { dtype: 'q8' }],
  ['@xenova/transformers', xenova as unknown as Library, { quantized: false }, {}],
];

const starter = fileURLToPath(new URL('../../starter/model', import.meta.url));
const folders: readonly { readonly title: string; readonly path?: string }[] = [
  { title: 'a tiny model of random weights' },
  ...(existsSync(join(starter, 'config.json')) ? [{ title: 'the starter', path: starter }] : []),
];

const texts = [
  'a red heart',
  'grinning face with smiling eyes',
  '下雨天',
  '微笑的眼睛 smile',
  '❤️',
  '👩🏾‍💻 at work, 红心!',
  'Ｆull ｗidth',
  '',
];

/** A disc on a gradient, at any size: what survives a resize. */
function picture(width: number, height: number): Image {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const inside = (x / width - 0.5) ** 2 + (y / height - 0.5) ** 2 < 0.1;
      data.set(inside ? [220, 40, 60] : [255 - (80 * x) / width, 255, 255 - (120 * y) / height], (y * width + x) * 3);
    }
  return { data, width, height, channels: 3 };
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>, from = 0, to = a.length): number {
  let [dot, left, right] = [0, 0, 0];
  for (let i = from; i < to; i++) {
    dot += a[i]! * b[i]!;
    left += a[i]! ** 2;
    right += b[i]! ** 2;
  }
  return dot / Math.sqrt(left * right);
}

const backend = onnxBackend(ort, { threads: 1 });
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'polymodal-transformers-'));
});
afterAll(async () => {
  await backend.dispose();
  await rm(scratch, { recursive: true });
});

describe.each(folders)('$title', ({ title, path }) => {
  let folder: string;
  let ours: ClipSpace;
  let tokenizer: Tokenizer;
  let processor: ImageProcessor;
  let ids: TensorLike<'int64'>;
  let pixels: TensorLike<'float32'>;
  let expected: { readonly texts: Float32Array; readonly images: Float32Array };
  beforeAll(async () => {
    folder = path ?? join(scratch, 'tiny');
    if (path === undefined) await saveClip(folder, await tinyModel());
    ours = await loadClip(folder, { backend });
    tokenizer = await loadTokenizer(folder);
    processor = imageProcessor(JSON.parse(await readFile(join(folder, 'preprocessor_config.json'), 'utf8')));
    const batch = tokenizer.encodeBatch(texts).ids;
    ids = { type: 'int64', dims: batch.dims, data: BigInt64Array.from(batch.data, BigInt) };
    pixels = processor.batch([noise(32, 32, 3, 1), picture(32, 32), noise(32, 32, 3, 2)]);
    expected = { texts: (await ours.encodeIds(ids)).data, images: (await ours.encodePixels(pixels)).data };
  });
  afterAll(() => ours.dispose());

  describe.each(libraries)('in %s', (library, peer, full, quantized) => {
    let name: string;
    beforeAll(() => {
      Object.assign(peer.env, { allowRemoteModels: false, allowLocalModels: true, localModelPath: dirname(folder) + sep });
      name = basename(folder);
    });

    async function embed(options: object) {
      // @xenova/transformers writes into the options that it is given: each call gets its own.
      const textModel = await peer.CLIPTextModelWithProjection.from_pretrained(name, { ...options });
      const visionModel = await peer.CLIPVisionModelWithProjection.from_pretrained(name, { ...options });
      const { text_embeds } = await textModel({ input_ids: new peer.Tensor('int64', ids.data, ids.dims) });
      const { image_embeds } = await visionModel({ pixel_values: new peer.Tensor('float32', pixels.data, pixels.dims) });
      await textModel.dispose();
      await visionModel.dispose();
      expect(text_embeds!.dims).toEqual([texts.length, ours.width]);
      expect(image_embeds!.dims).toEqual([3, ours.width]);
      return { texts: text_embeds!.data, images: image_embeds!.data };
    }

    test('token ids are equal, one by one and padded', async () => {
      const theirs = await peer.AutoTokenizer.from_pretrained(name);
      for (const text of texts) {
        const { input_ids } = theirs(text, { return_tensor: false });
        expect([text, input_ids]).toEqual([text, [...tokenizer.encode(text).ids]]);
      }
      const batch = theirs(texts, { padding: true }).input_ids as { dims: readonly number[]; data: BigInt64Array };
      expect([...batch.dims]).toEqual(ids.dims);
      expect([...batch.data]).toEqual([...ids.data]);
    });

    test('embeddings of the same ids and pixels agree to 1e-4', async () => {
      const theirs = await embed(full);
      expect(largestDifference(theirs.texts, expected.texts)).toBeLessThan(1e-4);
      expect(largestDifference(theirs.images, expected.images)).toBeLessThan(1e-4);
    });

    test('the quantised graphs, which are asked for by default, give a cosine of at least 0.99', async () => {
      const theirs = await embed(quantized);
      for (const kind of ['texts', 'images'] as const)
        for (let at = 0; at < expected[kind].length; at += ours.width)
          expect(cosine(theirs[kind], expected[kind], at, at + ours.width)).toBeGreaterThanOrEqual(0.99);
    });

    test('opaque PNGs of 32×32 go through their own processor to the same embedding; larger ones come close', async () => {
      const theirs = await peer.AutoProcessor.from_pretrained(name);
      const visionModel = await peer.CLIPVisionModelWithProjection.from_pretrained(name, { ...full });
      const run = async (image: Image, file: string) => {
        const png = join(scratch, file);
        await writeFile(png, await encodePng(image));
        const { pixel_values } = await theirs(await peer.RawImage.read(png));
        const { image_embeds } = await visionModel({ pixel_values });
        const own = processor.batch([await decodeImage(png)]);
        expect([...pixel_values.dims]).toEqual(own.dims);
        return { pixel_values, own, theirs: image_embeds!.data, ours: (await ours.encodePixels(own)).data };
      };
      for (const [i, image] of [noise(32, 32, 3, 3), picture(32, 32)].entries()) {
        const small = await run(image, `small-${i}.png`);
        expect(largestDifference(small.pixel_values.data, small.own.data)).toBeLessThan(1e-5);
        expect(largestDifference(small.theirs, small.ours)).toBeLessThan(1e-4);
      }
      // Their resize is not antialiased, so pixels differ; how far is for the reader, and the same thing must still be seen.
      const large = await run(picture(150, 110), 'large.png');
      const similarity = cosine(large.theirs, large.ours);
      console.info(`${library}, ${title}: cosine on a picture of 150×110 is ${similarity.toFixed(4)}`);
      expect(similarity).toBeGreaterThan(0.9);
      await visionModel.dispose();
    });
  });
});
