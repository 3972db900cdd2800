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

/**
 * The batch of a step, as a pure function of the seed and the step. Each step shows some concepts by several vendors, against fresh
 * captions of all concepts.
 *
 * pixels [concepts · views, 3, 32, 32], shows [concepts · views] (which concept's caption), ids [all concepts, captionLength],
 * groups [all concepts]: equal numbers for equal captions.
 */
export function batchFunction({ concepts, pictures, tokenizer, settings, heldOut }: BatchSource): (step: number) => Batch {
  const root = createRandom(settings.seed).fork('batches');
  const keywords = Object.fromEntries(
    languages.map((language) => [language, concepts.map((concept) => keywordsOf(concept, language))]),
  ) as Record<Language, string[][]>;
  const hidden = new Set(heldOut.map(({ vendor, concept }) => vendor * concepts.length + concept));
  const vendorsOf = concepts.map((_, c) =>
    Array.from({ length: pictures.vendors }, (__, v) => v).filter((v) => !hidden.has(v * concepts.length + c)),
  );
  const encoded = new Map<string, Int32Array>();
  const encode = (caption: string): Int32Array => {
    let ids = encoded.get(caption);
    if (ids === undefined) {
      ids = tokenizer.encode(caption, { addSpecialTokens: false }).ids;
      encoded.set(caption, ids);
    }
    return ids;
  };
  const { concepts: perStep, views, captionLength, captions: mix, tokenDropout, augmentation } = settings;
  const pictureCount = perStep * views;

  return (step) => {
    const random = root.fork(step);
    const chosen = random.shuffle(concepts.map((_, c) => c)).slice(0, perStep);
    const pixels = new Float32Array(pictureCount * 3 * inputSize * inputSize);
    const shows = new BigInt64Array(pictureCount);
    chosen.forEach((concept, k) => {
      const vendors = random.shuffle([...vendorsOf[concept]!]);
      for (let view = 0; view < views; view++) {
        const at = k * views + view;
        augment(
          pictures.data,
          vendors[view % vendors.length]! * concepts.length + concept,
          augmentation,
          random,
          pixels,
          at * 3 * inputSize * inputSize,
        );
        shows[at] = BigInt(concept);
      }
    });

    const ids = new BigInt64Array(concepts.length * captionLength);
    const groups = new BigInt64Array(concepts.length);
    const seen = new Map<string, bigint>();
    concepts.forEach((concept, c) => {
      const language: Language = random.uniform() < mix.english ? 'en' : 'zh';
      const caption = drawCaption(concept, keywords[language][c]!, language, mix, random);
      if (!seen.has(caption)) seen.set(caption, BigInt(c));
      groups[c] = seen.get(caption)!;
      writeCaption(encode(caption), ids.subarray(c * captionLength, (c + 1) * captionLength), tokenDropout, random);
    });
    return {
      pixels: { type: 'float32', dims: [pictureCount, 3, inputSize, inputSize], data: pixels },
      shows: { type: 'int64', dims: [pictureCount], data: shows.map((concept) => groups[Number(concept)]!) },
      ids: { type: 'int64', dims: [concepts.length, captionLength], data: ids },
      groups: { type: 'int64', dims: [concepts.length], data: groups },
    };
  };
}
