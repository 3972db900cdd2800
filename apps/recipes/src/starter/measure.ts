import type { ClipSpace } from '@polymodal/clip';
import type { CallOptions, Image } from '@polymodal/modality-registry';
import { retrievalMetrics, similarityMatrix } from '@polymodal/retrieval';
import type { Concept } from '../emoji/index.js';
import { type Language, languages } from './captions.js';

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

const recallOf = ({ r1, r5, r10 }: Recall): Recall => ({ r1, r5, r10 });

/** Searches every picture by its name and every name by its picture, in both languages. `images[i]` shows `concepts[i]`. */
export async function measure(
  space: ClipSpace,
  concepts: readonly Concept[],
  images: readonly Image[],
  options: CallOptions = {},
): Promise<Quality> {
  const { vectors: pictures } = await space.embedImages(images, options);
  const results = {} as Record<Language, LanguageQuality>;
  for (const language of languages) {
    const { vectors: texts } = await space.embedText(concepts.map(({ names }) => names[language]));
    // Two concepts of one name are each other's right answers.
    const sameName = concepts.map(({ names }) => concepts.flatMap((other, i) => (other.names[language] === names[language] ? [i] : [])));
    const { forward, backward } = retrievalMetrics(similarityMatrix(texts, pictures), sameName);
    results[language] = { textToImage: recallOf(forward), imageToText: recallOf(backward) };
  }
  return { ...results, candidates: images.length };
}
