import type { ClipSpace } from '@polymodal/clip';
import { decodeImage } from '@polymodal/image-patcher/node';
import { type CallOptions, type Image, throwIfAborted } from '@polymodal/modality-registry';
import { ranks, retrievalMetrics, similarityMatrix } from '@polymodal/retrieval';
import type { Concept, Vendor } from '../emoji/index.js';
import { type EmbeddedConcepts, embedConcepts, measureEmbedded, type Quality, type Recall, recallOf, sameName } from './measure.js';

/** A free query and the names of the pictures that were found first. */
export interface ExampleQuery {
  readonly query: string;
  readonly found: readonly string[];
}

/** A concept whose picture its own name finds late. */
export interface WeakConcept {
  readonly name: string;
  /** From 1; a half where others tie. */
  readonly rank: number;
  /** What stands first instead. */
  readonly first: string;
}

/** What eval.json holds, its provenance apart. */
export interface Evaluation extends Quality {
  /** Noto's pictures found by Twemoji's of the same concept. */
  readonly pictureToPicture: Recall;
  readonly examples: readonly ExampleQuery[];
  readonly weakest: readonly WeakConcept[];
}

/** Written down before the model was trained, and shown whatever comes of them. */
export const exampleQueries = [
  'a red heart',
  'something to eat for breakfast',
  'a wild animal with stripes',
  'playing music',
  'bad weather at sea',
  'i am very tired',
  'a gift for a birthday party',
  'travelling by plane',
  '下雨天',
  '生日快乐',
  '好吃的水果',
  '很生气的脸',
  '去海边玩',
  '晚上的月亮',
] as const;

const shownPerExample = 5;
const shownWeakest = 10;

/** Decodes one vendor's pictures, in the order of the concepts. */
export async function decodePictures(
  concepts: readonly Concept[],
  vendor: Vendor,
  { signal, onProgress }: CallOptions = {},
): Promise<Image[]> {
  const images: Image[] = [];
  for (const { files } of concepts) {
    throwIfAborted(signal);
    images.push(await decodeImage(files[vendor]));
    onProgress?.({ done: images.length, total: concepts.length, stage: `decoding ${vendor}` });
  }
  return images;
}

/** The numbers of the `count` highest of a row; the earlier first where they tie. */
function highest(row: Float32Array, count: number): number[] {
  return Array.from(row, (_, i) => i)
    .sort((a, b) => row[b]! - row[a]! || a - b)
    .slice(0, count);
}

const rowOf = ({ data, dims }: ReturnType<typeof similarityMatrix>, row: number) =>
  (data as Float32Array).subarray(row * dims[1]!, (row + 1) * dims[1]!);

/** The concepts whose pictures their English names find last. */
function weakestConcepts(concepts: readonly Concept[], { names, pictures }: EmbeddedConcepts): WeakConcept[] {
  const similarity = similarityMatrix(names.en, pictures); // [concepts, concepts]
  const found = ranks(similarity, sameName(concepts, 'en'));
  return concepts
    .map((_, i) => i)
    .sort((a, b) => found[b]! - found[a]! || a - b)
    .slice(0, shownWeakest)
    .map((i) => ({
      name: concepts[i]!.names.en,
      rank: found[i]!,
      first: concepts[highest(rowOf(similarity, i), 1)[0]!]!.names.en,
    }));
}

/** Measures a model on Noto, which it was not trained on: all numbers and examples of the model card. */
export async function evaluate(space: ClipSpace, concepts: readonly Concept[], options: CallOptions = {}): Promise<Evaluation> {
  const staged = (stage: string): CallOptions => ({
    ...options,
    ...(options.onProgress && { onProgress: (progress) => options.onProgress?.({ ...progress, stage }) }),
  });
  const noto = await decodePictures(concepts, 'noto', options);
  const embedded = await embedConcepts(space, concepts, noto, staged('embedding noto'));
  const twemoji = await decodePictures(concepts, 'twemoji', options);
  const { vectors: others } = await space.embedImages(twemoji, staged('embedding twemoji'));
  const { vectors: queries } = await space.embedText(exampleQueries);
  const answers = similarityMatrix(queries, embedded.pictures); // [queries, concepts]
  return {
    ...measureEmbedded(concepts, embedded),
    pictureToPicture: recallOf(retrievalMetrics(similarityMatrix(others, embedded.pictures)).forward),
    examples: exampleQueries.map((query, i) => ({
      query,
      found: highest(rowOf(answers, i), shownPerExample).map((picture) => concepts[picture]!.names.en),
    })),
    weakest: weakestConcepts(concepts, embedded),
  };
}
