import { createRandom, type Random } from '@polymodal/autograd';
import type { Batch } from '@polymodal/nn';
import type { Tokenizer } from '@polymodal/text-tokenizer';
import type { Concept } from '../emoji/index.js';
import { augment, inputSize } from './augment.js';
import { drawCaption, keywordsOf, type Language, languages } from './captions.js';
import type { PictureStore } from './pictures.js';
import type { StarterSettings } from './settings.js';

/** A picture that is kept out of training to choose by: one vendor's drawing of a concept. */
export interface HeldOut {
  readonly vendor: number;
  readonly concept: number;
}

export interface BatchSource {
  readonly concepts: readonly Concept[];
  readonly pictures: PictureStore;
  readonly tokenizer: Tokenizer;
  readonly settings: StarterSettings;
  readonly heldOut: readonly HeldOut[];
}

/** Every tenth concept, as the first vendor (Twemoji) draws it: never trained on, watched while training. */
export function heldOutPictures(concepts: number): HeldOut[] {
  return Array.from({ length: Math.floor(concepts / 10) }, (_, i) => ({ vendor: 0, concept: i * 10 + 5 }));
}

/** Fills one row with the ids of a caption, each left out now and then, but never all. */
function writeCaption(ids: Int32Array, row: BigInt64Array, dropout: number, random: Random): void {
  const kept = [...ids.subarray(0, row.length)].filter(() => random.uniform() >= dropout);
  const used = kept.length > 0 ? kept : [...ids.subarray(0, row.length)];
  used.forEach((id, i) => {
    row[i] = BigInt(id);
  });
}

/** Rows of token ids and, for each, the first row with the same caption: such rows are each other's right answers. */
function writeCaptions(
  captions: readonly string[],
  length: number,
  dropout: number,
  encode: (caption: string) => Int32Array,
  random: Random,
): { ids: BigInt64Array; groups: BigInt64Array } {
  const ids = new BigInt64Array(captions.length * length);
  const groups = new BigInt64Array(captions.length);
  const seen = new Map<string, bigint>();
  captions.forEach((caption, i) => {
    if (!seen.has(caption)) seen.set(caption, BigInt(i));
    groups[i] = seen.get(caption)!;
    writeCaption(encode(caption), ids.subarray(i * length, (i + 1) * length), dropout, random);
  });
  return { ids, groups };
}

/** Which concepts have each keyword, per language. */
function keywordIndex(keywords: readonly (readonly string[])[]): Map<string, Set<number>> {
  const index = new Map<string, Set<number>>();
  keywords.forEach((own, concept) => {
    for (const keyword of own) index.set(keyword, (index.get(keyword) ?? new Set()).add(concept));
  });
  return index;
}

/**
 * The batch of a step, as a pure function of the seed and the step: some concepts, each drawn by several vendors.
 *
 * pixels [pictures, 3, 32, 32]; shows [pictures], the concept that each shows; names [all concepts, captionLength], in either language;
 * nameGroups [all concepts], equal for equal names, and pictureNames [pictures], the group of each; captions [captions, captionLength];
 * captionShows [captions, all concepts], 1 where a caption is true of a concept: keywords alone are true of every concept that has them.
 */
export function batchFunction({ concepts, pictures, tokenizer, settings, heldOut }: BatchSource): (step: number) => Batch {
  const root = createRandom(settings.seed).fork('batches');
  const keywords = Object.fromEntries(
    languages.map((language) => [language, concepts.map((concept) => keywordsOf(concept, language))]),
  ) as Record<Language, string[][]>;
  const having = { en: keywordIndex(keywords.en), zh: keywordIndex(keywords.zh) };
  const hidden = new Set(heldOut.map(({ vendor, concept }) => vendor * concepts.length + concept));
  const vendorsOf = concepts.map((_, c) =>
    Array.from({ length: pictures.vendors }, (__, v) => v).filter((v) => !hidden.has(v * concepts.length + c)),
  );
  const encoded = new Map<string, Int32Array>();
  const encode = (caption: string): Int32Array => {
    const known = encoded.get(caption) ?? tokenizer.encode(caption).ids;
    encoded.set(caption, known);
    return known;
  };
  const { concepts: perStep, views, captionsPerConcept, captionLength, captions: mix, tokenDropout, augmentation } = settings;
  const count = perStep * views;

  /** A caption of `concept`, and a row with 1 for every concept that it is true of. */
  const drawTrue = (concept: number, random: Random, row: Float32Array): string => {
    const language: Language = random.uniform() < mix.english ? 'en' : 'zh';
    const { text, keywords: used } = drawCaption(concepts[concept]!, keywords[language][concept]!, language, mix, random);
    row[concept] = 1;
    if (used !== undefined) {
      const [first, ...rest] = used.map((keyword) => having[language].get(keyword)!);
      for (const other of first!) if (rest.every((set) => set.has(other))) row[other] = 1;
    }
    return text;
  };

  return (step) => {
    const random = root.fork(step);
    const chosen = random.shuffle(concepts.map((_, c) => c)).slice(0, perStep);
    const pixels = new Float32Array(count * 3 * inputSize * inputSize);
    chosen.forEach((concept, k) => {
      const vendors = random.shuffle([...vendorsOf[concept]!]);
      for (let view = 0; view < views; view++) {
        const vendor = vendors[view % vendors.length]!;
        augment(
          pictures.data,
          vendor * concepts.length + concept,
          augmentation,
          random,
          pixels,
          (k * views + view) * 3 * inputSize * inputSize,
        );
      }
    });
    const spoken = concepts.map(({ names }) => names[random.uniform() < mix.english ? 'en' : 'zh'].toLowerCase());
    const names = writeCaptions(spoken, captionLength, tokenDropout, encode, random);
    const captionShows = new Float32Array(perStep * captionsPerConcept * concepts.length);
    const drawn = Array.from({ length: perStep * captionsPerConcept }, (_, i) =>
      drawTrue(chosen[Math.floor(i / captionsPerConcept)]!, random, captionShows.subarray(i * concepts.length, (i + 1) * concepts.length)),
    );
    const captions = writeCaptions(drawn, captionLength, tokenDropout, encode, random);
    const perPicture = (of: (concept: number) => bigint) =>
      BigInt64Array.from({ length: count }, (_, i) => of(chosen[Math.floor(i / views)]!));
    return {
      pixels: { type: 'float32', dims: [count, 3, inputSize, inputSize], data: pixels },
      shows: { type: 'int64', dims: [count], data: perPicture(BigInt) },
      names: { type: 'int64', dims: [concepts.length, captionLength], data: names.ids },
      nameGroups: { type: 'int64', dims: [concepts.length], data: names.groups },
      pictureNames: { type: 'int64', dims: [count], data: perPicture((concept) => names.groups[concept]!) },
      captions: { type: 'int64', dims: [drawn.length, captionLength], data: captions.ids },
      captionShows: { type: 'float32', dims: [drawn.length, concepts.length], data: captionShows },
    };
  };
}
