import { beforeAll, expect, test } from '@jest/globals';
import type { Progress } from '@polymodal/modality-registry';
import { loadConcepts } from '../emoji/index.js';
import { loadPictures, type PictureStore, pictureBytes, sourceSize, trainingVendors } from './pictures.js';

/** Green heart, blue heart, sunflower. */
const hexcodes = ['1F49A', '1F499', '1F33B'];
const concepts = hexcodes.map((hexcode) => loadConcepts().find((concept) => concept.hexcode === hexcode)!);
const seen: Progress[] = [];
let store: PictureStore;
beforeAll(async () => {
  store = await loadPictures(concepts, trainingVendors, { onProgress: (progress) => seen.push(progress) });
});

const pictureAt = (vendor: number, concept: number) => {
  const at = (vendor * concepts.length + concept) * pictureBytes;
  return store.data.subarray(at, at + pictureBytes);
};
/** Sums of red, green, blue and alpha. */
function totals(picture: Uint8Array): [number, number, number, number] {
  const sums: [number, number, number, number] = [0, 0, 0, 0];
  picture.forEach((value, i) => {
    sums[i % 4]! += value;
  });
  return sums;
}

test('Noto is not among the vendors that are trained on', () => {
  expect(trainingVendors).toEqual(['twemoji', 'openmoji', 'fluent3d', 'fluentFlat']);
});

test('every vendor and concept has its picture, and progress ends at their number', () => {
  expect(store).toMatchObject({ vendors: 4, concepts: 3 });
  expect(store.data).toHaveLength(4 * 3 * sourceSize * sourceSize * 4);
  expect(seen.at(-1)).toEqual({ done: 12, total: 12, stage: 'drawing training pictures' });
});

test('colours are premultiplied: none is above its alpha', () => {
  for (let i = 0; i < store.data.length; i += 4)
    for (let c = 0; c < 3; c++) if (store.data[i + c]! > store.data[i + 3]!) throw new Error(`byte ${i + c} is above its alpha`);
});

test('every vendor draws the things in their colours, on transparent ground, and not alike', () => {
  for (let vendor = 0; vendor < 4; vendor++) {
    const [green, blue, yellow] = [totals(pictureAt(vendor, 0)), totals(pictureAt(vendor, 1)), totals(pictureAt(vendor, 2))];
    expect(green[1]).toBeGreaterThan(Math.max(green[0], green[2]));
    expect(blue[2]).toBeGreaterThan(1.2 * blue[0]);
    expect(yellow[0]).toBeGreaterThan(1.5 * yellow[2]);
    for (const [, , , alpha] of [green, blue, yellow]) {
      const covered = alpha / (255 * sourceSize * sourceSize);
      expect(covered).toBeGreaterThan(0.2);
      expect(covered).toBeLessThan(0.98);
    }
    for (let other = 0; other < vendor; other++) expect(pictureAt(vendor, 0)).not.toEqual(pictureAt(other, 0));
  }
});

test('an aborted signal ends it with its reason', async () => {
  const reason = new Error('enough');
  await expect(loadPictures(concepts, trainingVendors, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
