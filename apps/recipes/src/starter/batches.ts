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

/**
 * The batch of a step, as a pure function of the seed and the step: some concepts, each drawn by several vendors.
 *
 * pixels [concepts · views, 3, 32, 32]; names [all concepts, captionLength], in either language, whose nameGroups are equal for equal
 * names; captions [concepts, captionLength], with keywords, and captionGroups; pictureNames and pictureCaptions [concepts · views],
 * the groups that each picture belongs to.
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
    const known = encoded.get(caption) ?? tokenizer.encode(caption).ids;
    encoded.set(caption, known);
    return known;
  };
  const { concepts: perStep, views, captionLength, captions: mix, tokenDropout, augmentation } = settings;
  const count = perStep * views;

  return (step) => {
    const random = root.fork(step);
    const language = (): Language => (random.uniform() < mix.english ? 'en' : 'zh');
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
    const names = writeCaptions(
      concepts.map(({ names: own }) => own[language()].toLowerCase()),
      captionLength,
      tokenDropout,
      encode,
      random,
    );
    const drawn = chosen.map((concept) => {
      const spoken = language();
      return drawCaption(concepts[concept]!, keywords[spoken][concept]!, spoken, mix, random);
    });
    const captions = writeCaptions(drawn, captionLength, tokenDropout, encode, random);
    const perPicture = (groupOf: (k: number) => bigint) => BigInt64Array.from({ length: count }, (_, i) => groupOf(Math.floor(i / views)));
    return {
      pixels: { type: 'float32', dims: [count, 3, inputSize, inputSize], data: pixels },
      names: { type: 'int64', dims: [concepts.length, captionLength], data: names.ids },
      nameGroups: { type: 'int64', dims: [concepts.length], data: names.groups },
      pictureNames: { type: 'int64', dims: [count], data: perPicture((k) => names.groups[chosen[k]!]!) },
      captions: { type: 'int64', dims: [perStep, captionLength], data: captions.ids },
      captionGroups: { type: 'int64', dims: [perStep], data: captions.groups },
      pictureCaptions: { type: 'int64', dims: [count], data: perPicture((k) => captions.groups[k]!) },
    };
  };
}
