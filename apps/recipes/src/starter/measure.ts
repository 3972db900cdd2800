import type { ClipSpace } from '@polymodal/clip';
import type { CallOptions, Image, TensorLike } from '@polymodal/modality-registry';
import { retrievalMetrics, similarityMatrix } from '@polymodal/retrieval';
import type { Concept } from '../emoji/index.js';
import type { Language } from './captions.js';

export interface Recall {
  readonly r1: number;
  readonly r5: number;
  readonly r10: number;
}

export interface LanguageQuality {
  readonly textToImage: Recall;
  readonly imageToText: Recall;
}

/** Fractions, per language, over `candidates` pictures and as many names. */
export type Quality = Readonly<Record<Language, LanguageQuality>> & { readonly candidates: number };

/** Unit vectors of a vendor's pictures and of the names, in the order of the concepts. */
export interface EmbeddedConcepts {
  /** [concepts, width] */
  readonly pictures: TensorLike<'float32'>;
  /** [concepts, width] each */
  readonly names: Readonly<Record<Language, TensorLike<'float32'>>>;
}

export const recallOf = ({ r1, r5, r10 }: Recall): Recall => ({ r1, r5, r10 });

/** For every concept, the numbers of those of its name: two concepts of one name are each other's right answers. */
export function sameName(concepts: readonly Concept[], language: Language): number[][] {
  return concepts.map(({ names }) => concepts.flatMap((other, i) => (other.names[language] === names[language] ? [i] : [])));
}

/** Embeds every picture and every name. `images[i]` shows `concepts[i]`. */
export async function embedConcepts(
  space: ClipSpace,
  concepts: readonly Concept[],
  images: readonly Image[],
  options: CallOptions = {},
): Promise<EmbeddedConcepts> {
  const { vectors: pictures } = await space.embedImages(images, options);
  const { signal } = options;
  const namesIn = async (language: Language) =>
    (
      await space.embedText(
        concepts.map(({ names }) => names[language]),
        signal && { signal },
      )
    ).vectors;
  return { pictures, names: { en: await namesIn('en'), zh: await namesIn('zh') } };
}

/** Searches every picture by its name and every name by its picture, in both languages. */
export function measureEmbedded(concepts: readonly Concept[], { pictures, names }: EmbeddedConcepts): Quality {
  const qualityIn = (language: Language): LanguageQuality => {
    const { forward, backward } = retrievalMetrics(similarityMatrix(names[language], pictures), sameName(concepts, language));
    return { textToImage: recallOf(forward), imageToText: recallOf(backward) };
  };
  return { en: qualityIn('en'), zh: qualityIn('zh'), candidates: concepts.length };
}

/** Embeds and measures. */
export async function measure(
  space: ClipSpace,
  concepts: readonly Concept[],
  images: readonly Image[],
  options: CallOptions = {},
): Promise<Quality> {
  return measureEmbedded(concepts, await embedConcepts(space, concepts, images, options));
}
