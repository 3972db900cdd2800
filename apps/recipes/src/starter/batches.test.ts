import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Batch } from '@polymodal/nn';
import type { Tokenizer } from '@polymodal/text-tokenizer';
import { type Concept, loadConcepts } from '../emoji/index.js';
import { inputSize, pixelMean, pixelStd } from './augment.js';
import { batchFunction, type HeldOut, heldOutPictures } from './batches.js';
import { type PictureStore, pictureBytes } from './pictures.js';
import { type StarterSettings, starterSettings } from './settings.js';
import { starterTokenizer } from './tokenizer.js';

const vendors = 4;
const planeSize = inputSize * inputSize;
/** Two concepts of one name, beside twenty of their own. */
const concepts: readonly Concept[] = loadConcepts()
  .slice(0, 22)
  .map((concept, i) => (i === 3 || i === 9 ? { ...concept, names: { en: 'same name', zh: '同名' } } : concept));

/** Nothing is changed or left out, so that a batch can be read back. */
const plain: StarterSettings = {
  ...starterSettings,
  concepts: 6,
  vocabularySize: 600,
  tokenDropout: 0,
  augmentation: {
    ...starterSettings.augmentation,
    ...{ rotation: 0, scale: [1, 1], stretch: 0, shear: 0, shift: 0, hue: 0, grey: 0, colour: 0, background: 0, outline: 0, blur: 0 },
  },
};

/** Opaque pictures of one colour: the red level tells the concept, the green one the vendor. */
function codedPictures(): PictureStore {
  const data = new Uint8Array(vendors * concepts.length * pictureBytes);
  for (let vendor = 0; vendor < vendors; vendor++)
    for (let concept = 0; concept < concepts.length; concept++) {
      const at = (vendor * concepts.length + concept) * pictureBytes;
      for (let i = at; i < at + pictureBytes; i += 4) data.set([concept * 10, vendor * 50, 0, 255], i);
    }
  return { vendors, concepts: concepts.length, data };
}

/** Which concept and vendor each picture of a batch is. */
function decode({ pixels }: Batch): HeldOut[] {
  const data = pixels!.data as Float32Array;
  const level = (at: number) => Math.max(0, Math.round((data[at]! * pixelStd + pixelMean) * 255));
  return Array.from({ length: pixels!.dims[0]! }, (_, i) => ({
    concept: level(i * 3 * planeSize) / 10,
    vendor: level(i * 3 * planeSize + planeSize) / 50,
  }));
}

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await starterTokenizer(concepts, plain);
});
const batches = (settings: StarterSettings = plain, heldOut: readonly HeldOut[] = [], things = concepts) =>
  batchFunction({ concepts: things, pictures: codedPictures(), tokenizer, settings, heldOut });
const integers = (batch: Batch, name: string) => [...(batch[name]!.data as BigInt64Array)].map(Number);

test('shapes and types are those that the loss takes', () => {
  const shapes = Object.entries(batches()(0)).map(([name, { type, dims }]) => `${name} ${type} ${dims.join(' ')}`);
  const length = plain.captionLength;
  const captions = plain.concepts * plain.captionsPerConcept;
  expect(shapes.sort()).toEqual([
    `captionShows float32 ${captions} 22`,
    `captions int64 ${captions} ${length}`,
    'nameGroups int64 22',
    `names int64 22 ${length}`,
    'pictureNames int64 12',
    'pixels float32 12 3 32 32',
    'shows int64 12',
  ]);
});

test('a batch is a function of the seed and the step, whatever came before', () => {
  const settings = { ...starterSettings, concepts: 6, vocabularySize: 600 };
  const [first, second] = [batches(settings), batches(settings)];
  first(0);
  first(1);
  expect(first(3)).toEqual(second(3));
  expect(first(3)).toEqual(second(3));
  expect(first(3).pixels!.data).not.toEqual(first(4).pixels!.data);
  expect(first(3).pixels!.data).not.toEqual(batches({ ...settings, seed: 8 })(3).pixels!.data);
});

test('every concept is drawn once a step, by different vendors', () => {
  const pictures = decode(batches()(2));
  for (let k = 0; k < plain.concepts; k++) {
    const [a, b] = [pictures[2 * k]!, pictures[2 * k + 1]!];
    expect(a.concept).toBe(b.concept);
    expect(a.vendor).not.toBe(b.vendor);
  }
  expect(new Set(pictures.map(({ concept }) => concept)).size).toBe(plain.concepts);
  expect(integers(batches()(2), 'shows')).toEqual(pictures.map(({ concept }) => concept));
});

describe('held-out pictures', () => {
  const heldOut = heldOutPictures(concepts.length);
  const isHeldOut = (picture: HeldOut) => heldOut.some(({ vendor, concept }) => vendor === picture.vendor && concept === picture.concept);
  const shown = (held: readonly HeldOut[]) => {
    const batchAt = batches(plain, held);
    return Array.from({ length: 60 }, (_, step) => decode(batchAt(step))).flat();
  };

  test('are every tenth of Twemoji', () => {
    expect(heldOut).toEqual([
      { vendor: 0, concept: 5 },
      { vendor: 0, concept: 15 },
    ]);
    expect(heldOutPictures(1322)).toHaveLength(132);
  });

  test('never appear, though they would otherwise, and their concepts do as other vendors draw them', () => {
    expect(shown([]).filter(isHeldOut).length).toBeGreaterThan(0);
    const pictures = shown(heldOut);
    expect(pictures.filter(isHeldOut)).toEqual([]);
    for (const { concept } of heldOut)
      expect(new Set(pictures.filter((picture) => picture.concept === concept).map(({ vendor }) => vendor))).toEqual(new Set([1, 2, 3]));
  });
});

describe('groups', () => {
  test('equal names share one, others have their own, and pictures belong to that of their name', () => {
    for (const english of [0, 1]) {
      const batch = batches({ ...plain, captions: { ...plain.captions, english } })(1);
      const groups = integers(batch, 'nameGroups');
      expect(groups[9]).toBe(groups[3]);
      expect(new Set(groups).size).toBe(concepts.length - 1);
      expect(integers(batch, 'pictureNames')).toEqual(decode(batch).map(({ concept }) => groups[concept]));
    }
  });

  test('names are the tokens of the name in the language that was drawn, padded with the padding', () => {
    const rows = integers(batches({ ...plain, captions: { ...plain.captions, english: 0 } })(1), 'names');
    concepts.forEach(({ names }, i) => {
      const ids = [...tokenizer.encode(names.zh.toLowerCase()).ids].slice(0, plain.captionLength);
      const expected = [...ids, ...Array(plain.captionLength - ids.length).fill(0)];
      expect(rows.slice(i * plain.captionLength, (i + 1) * plain.captionLength)).toEqual(expected);
    });
  });

  test('token dropout shortens captions and never empties one', () => {
    const rows = integers(batches({ ...plain, tokenDropout: 0.9 })(1), 'names');
    const lengths = concepts.map(
      (_, i) => rows.slice(i * plain.captionLength, (i + 1) * plain.captionLength).filter((id) => id !== 0).length,
    );
    const whole = concepts.map(({ names }) => tokenizer.encode(names.en.toLowerCase()).ids.length);
    expect(Math.min(...lengths)).toBeGreaterThan(0);
    expect(lengths.reduce((a, b) => a + b)).toBeLessThan(whole.reduce((a, b) => a + b));
  });
});

describe('captions', () => {
  const mix = { english: 1, keywordsAlone: 0, nameAndKeywords: 0, templates: 0 };
  const wordsOf = (i: number) => ['all', i % 2 === 0 ? 'even' : 'odd', ...(i % 3 === 0 ? ['third'] : [])];
  const things = concepts.map((concept, i) => ({ ...concept, keywords: { en: wordsOf(i), zh: ['数'] } }));
  const rowsOf = (batch: Batch) => {
    const ids = batch.captions!.data as BigInt64Array;
    const shows = batch.captionShows!.data as Float32Array;
    return Array.from({ length: batch.captions!.dims[0]! }, (_, i) => ({
      text: tokenizer
        .decode(Int32Array.from(ids.subarray(i * plain.captionLength, (i + 1) * plain.captionLength), Number), { skipSpecialTokens: true })
        .trim(),
      trueOf: [...shows.subarray(i * things.length, (i + 1) * things.length)].flatMap((value, concept) => (value === 1 ? [concept] : [])),
      concept: integers(batch, 'shows')[Math.floor(i / plain.captionsPerConcept) * plain.views]!,
    }));
  };

  test('of keywords alone are true of every concept that has them all', () => {
    const rows = rowsOf(batches({ ...plain, captions: { ...mix, keywordsAlone: 1 } }, [], things)(1));
    for (const { text, trueOf, concept } of rows) {
      const having = things.flatMap((_, i) => (text.split(' ').every((word) => wordsOf(i).includes(word)) ? [i] : []));
      expect({ text, trueOf }).toEqual({ text, trueOf: having });
      expect(trueOf).toContain(concept);
    }
    expect(new Set(rows.map(({ trueOf }) => trueOf.length)).size).toBeGreaterThan(2);
  });

  test('that hold the name are true of its concept alone', () => {
    for (const { text, trueOf, concept } of rowsOf(batches({ ...plain, captions: { ...mix, nameAndKeywords: 1 } }, [], things)(1))) {
      expect(text).toContain(things[concept]!.names.en.toLowerCase());
      expect(trueOf).toEqual([concept]);
    }
  });
});
