import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Modality } from './media.js';
import { createVocabulary, type ReserveOptions, VocabularyError } from './vocabulary.js';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof VocabularyError) return error.code;
    throw error;
  }
  return 'none';
}

/** Modalities beyond the built-in four, as third parties add them. */
const modality = (index: number): Modality => `m${index}` as Modality;

const options = fc
  .record({ size: fc.integer({ min: 1, max: 5000 }), marked: fc.boolean() })
  .map(({ size, marked }): ReserveOptions => (marked && size > 1 ? { size, markers: { begin: size - 2, end: size - 1 } } : { size }));

describe('a shared vocabulary', () => {
  test('lays text, image and audio one after the other, as Chameleon does', () => {
    const vocabulary = createVocabulary();
    expect(vocabulary.reserve('text', { size: 49_408, markers: { begin: 49_406, end: 49_407 } })).toEqual({
      modality: 'text',
      start: 0,
      end: 49_408,
      size: 49_408,
      beginId: 49_406,
      endId: 49_407,
    });
    expect(vocabulary.reserve('image', { size: 8192 })).toEqual({
      modality: 'image',
      start: 49_408,
      end: 57_602,
      size: 8192,
      beginId: 57_600,
      endId: 57_601,
    });
    expect(vocabulary.size).toBe(57_602);
    const ids = vocabulary.join([
      { modality: 'text', ids: [320, 2368] },
      { modality: 'image', ids: Int32Array.of(0, 8191) },
    ]);
    expect([...ids]).toEqual([49_406, 320, 2368, 49_407, 57_600, 49_408, 57_599, 57_601]);
    expect(vocabulary.split(ids)).toEqual([
      { modality: 'text', ids: [320, 2368] },
      { modality: 'image', ids: [0, 8191] },
    ]);
    expect(vocabulary.split(ids.subarray(0, 6))).toEqual([
      { modality: 'text', ids: [320, 2368] },
      { modality: 'image', ids: [0] },
    ]);
  });

  test('never hands an id to two modalities, and knows whose each id is', () => {
    fc.assert(
      fc.property(fc.array(options, { minLength: 1, maxLength: 12 }), (wanted) => {
        const vocabulary = createVocabulary();
        wanted.forEach((each, index) => void vocabulary.reserve(modality(index), each));
        const { ranges } = vocabulary;
        ranges.forEach(({ start, end, size, beginId, endId }, index) => {
          expect(start).toBe(ranges[index - 1]?.end ?? 0);
          expect(end - start).toBe(size + (wanted[index]!.markers === undefined ? 2 : 0));
          expect(new Set([beginId, endId]).size).toBe(2);
          for (const id of [start, beginId, endId, end - 1]) expect(vocabulary.rangeOf(id)).toBe(ranges[index]);
        });
        expect(vocabulary.size).toBe(ranges.at(-1)!.end);
        for (const outside of [-1, vocabulary.size, 0.5]) expect(vocabulary.rangeOf(outside)).toBeUndefined();
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  test('accepts a range at a place exactly where no other range is', () => {
    const place = fc.record({ start: fc.nat(200), size: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(fc.array(place, { maxLength: 15 }), (places) => {
        const vocabulary = createVocabulary();
        const owner = new Map<number, number>();
        places.forEach(({ start, size }, index) => {
          const ids = Array.from({ length: size + 2 }, (_, i) => start + i);
          const free = !ids.some((id) => owner.has(id));
          expect(codeOf(() => vocabulary.reserve(modality(index), { start, size }))).toBe(free ? 'none' : 'VOCABULARY_OVERLAP');
          if (free) for (const id of ids) owner.set(id, index);
        });
        for (let id = 0; id < 250; id++) {
          const index = owner.get(id);
          expect(vocabulary.rangeOf(id)?.modality).toBe(index === undefined ? undefined : modality(index));
        }
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  test('split undoes join', () => {
    const sizes = [50, 7, 900];
    const segment = fc
      .nat(2)
      .chain((index) => fc.record({ modality: fc.constant(modality(index)), ids: fc.array(fc.nat(sizes[index]! - 1), { maxLength: 20 }) }));
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), (segments) => {
        const vocabulary = createVocabulary();
        sizes.forEach((size, index) => void vocabulary.reserve(modality(index), { size }));
        expect(vocabulary.split(vocabulary.join(segments))).toEqual(segments);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

describe('it refuses', () => {
  test('a second range for one modality', () => {
    const vocabulary = createVocabulary();
    vocabulary.reserve('text', { size: 10 });
    expect(codeOf(() => vocabulary.reserve('text', { size: 10 }))).toBe('VOCABULARY_TAKEN');
  });

  test('sizes, places and markers that cannot be', () => {
    const vocabulary = createVocabulary();
    for (const size of [0, -1, 1.5, Number.NaN, 2 ** 31])
      expect(codeOf(() => vocabulary.reserve('text', { size }))).toBe('VOCABULARY_SIZE');
    for (const start of [-1, 0.5, 2 ** 31 - 2])
      expect(codeOf(() => vocabulary.reserve('text', { size: 10, start }))).toBe('VOCABULARY_SIZE');
    for (const [begin, end] of [
      [0, 0],
      [-1, 2],
      [1, 10],
    ] as const) {
      expect(codeOf(() => vocabulary.reserve('text', { size: 10, markers: { begin, end } }))).toBe('VOCABULARY_MARKERS');
    }
    expect(vocabulary.ranges).toEqual([]);
  });

  test('ids of no range, markers as content, and runs that do not nest', () => {
    const vocabulary = createVocabulary();
    expect(codeOf(() => vocabulary.range('text'))).toBe('VOCABULARY_ABSENT');
    const text = vocabulary.reserve('text', { size: 10, markers: { begin: 8, end: 9 } });
    const image = vocabulary.reserve('image', { size: 10 });
    for (const id of [10, -1, 0.5, 8, 9]) expect(codeOf(() => vocabulary.join([{ modality: 'text', ids: [id] }]))).toBe('VOCABULARY_ID');
    const bad = [[99], [3], [text.beginId, image.start], [text.beginId, text.beginId], [text.endId]];
    for (const ids of bad) expect(codeOf(() => vocabulary.split(ids))).toBe('VOCABULARY_ID');
  });
});
