import { readFile } from 'node:fs/promises';
import { type Progress, throwIfAborted } from '@polymodal/modality-registry';
import sharp from 'sharp';
import type { Concept, Vendor } from '../emoji/index.js';

/** Side of a stored training picture, in pixels: half again as large as the model's input, so that augmentation can zoom in. */
export const sourceSize = 48;
const pixelCount = sourceSize * sourceSize;

/** Vendors that the starter learns from. Noto is not among them: it measures. */
export const trainingVendors = ['twemoji', 'openmoji', 'fluent3d', 'fluentFlat'] as const satisfies readonly Vendor[];

/** All training pictures: premultiplied RGBA, [vendor][concept][y][x][channel], 8 bits. */
export interface PictureStore {
  readonly vendors: number;
  readonly concepts: number;
  readonly data: Uint8Array;
}

/** Bytes of one stored picture. */
export const pictureBytes = pixelCount * 4;

/** One file, drawn at {@link sourceSize} with its shape kept, as premultiplied RGBA. */
async function rasterize(file: string): Promise<Uint8Array> {
  // Vector files are drawn at four times the size first, so that their edges are as smooth as the bitmaps'.
  const vector = file.endsWith('.svg');
  const source = sharp(await readFile(file), vector ? { density: 192 } : {});
  const { data } = await source
    .resize(sourceSize, sourceSize, { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 }, kernel: 'cubic' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) data[i + c] = Math.round((data[i + c]! * data[i + 3]!) / 255);
  return data;
}

/** Reads and draws every training picture. About half a minute on two cores. */
export async function loadPictures(
  concepts: readonly Concept[],
  vendors: readonly Vendor[],
  { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: (progress: Progress) => void } = {},
): Promise<PictureStore> {
  const data = new Uint8Array(vendors.length * concepts.length * pictureBytes);
  const total = vendors.length * concepts.length;
  const jobs = vendors.flatMap((vendor, v) =>
    concepts.map((concept, c) => ({ file: concept.files[vendor], at: (v * concepts.length + c) * pictureBytes })),
  );
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) {
      throwIfAborted(signal);
      data.set(await rasterize(job.file), job.at);
      onProgress?.({ done: ++done, total, stage: 'drawing training pictures' });
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return { vendors: vendors.length, concepts: concepts.length, data };
}
