import { expect, test } from '@jest/globals';
import { createRandom } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { type Concept, loadConcepts } from '../emoji/index.js';
import { measureEmbedded, type Recall } from './measure.js';

const width = 6;
const concepts: readonly Concept[] = loadConcepts()
  .slice(0, 60)
  .map((concept, i) => (i % 20 === 0 ? { ...concept, names: { en: 'thing', zh: concept.names.zh } } : concept));

/** Noise around a vector per concept, of any length. [concepts, width] */
function vectors(seed: number): TensorLike<'float32'> {
  const [shared, own] = [createRandom(1), createRandom(seed)];
  const data = Float32Array.from({ length: concepts.length * width }, () => shared.normal() + 0.8 * own.normal());
  return { type: 'float32', dims: [concepts.length, width], data };
}

const rowOf = ({ data }: TensorLike<'float32'>, row: number) => [...data.subarray(row * width, (row + 1) * width)];
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const cosine = (a: readonly number[], b: readonly number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

/** Sorts all candidates of every query and looks for the first right one. */
function oracle(queries: TensorLike<'float32'>, candidates: TensorLike<'float32'>, nameOf: (concept: Concept) => string): Recall {
  const positions = concepts.map((concept, query) => {
    const scores = concepts.map((_, candidate) => cosine(rowOf(queries, query), rowOf(candidates, candidate)));
    const order = concepts.map((_, candidate) => candidate).sort((a, b) => scores[b]! - scores[a]!);
    return order.findIndex((candidate) => nameOf(concepts[candidate]!) === nameOf(concept));
  });
  const within = (k: number) => positions.filter((position) => position < k).length / concepts.length;
  return { r1: within(1), r5: within(5), r10: within(10) };
}

test('recalls are those of sorting everything, where concepts of one name answer for each other', () => {
  const [pictures, en, zh] = [vectors(2), vectors(3), vectors(4)];
  const quality = measureEmbedded(concepts, { pictures, names: { en, zh } });
  expect(quality).toEqual({
    en: {
      textToImage: oracle(en, pictures, ({ names }) => names.en),
      imageToText: oracle(pictures, en, ({ names }) => names.en),
    },
    zh: {
      textToImage: oracle(zh, pictures, ({ names }) => names.zh),
      imageToText: oracle(pictures, zh, ({ names }) => names.zh),
    },
    candidates: 60,
  });
  // Neither all right nor all wrong, so that the comparison says something.
  expect(quality.en.textToImage.r1).toBeGreaterThan(0.05);
  expect(quality.en.textToImage.r10).toBeLessThan(1);
});

test('equal names count for each other', () => {
  const [pictures, names] = [vectors(2), vectors(3)];
  const alike = concepts.map((concept) => ({ ...concept, names: { en: 'thing', zh: 'thing' } }));
  expect(measureEmbedded(alike, { pictures, names: { en: names, zh: names } }).en.textToImage).toEqual({ r1: 1, r5: 1, r10: 1 });
});
