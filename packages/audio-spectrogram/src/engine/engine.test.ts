import { describe, expect, test } from '@jest/globals';
import { windowFunction } from '../window.js';
import { frameEngine } from './engine.js';
import type { Recipe } from './recipe.js';

/** A cosine of amplitude 1 at bin 3 of 16, with a Hann window, has magnitudes of 4 there and of 2 beside. */
const tone = Float32Array.from({ length: 24 }, (_, i) => Math.cos((2 * Math.PI * 3 * i) / 16));
const recipe: Recipe = { fftLength: 16, hop: 4, window: windowFunction('hann', 16), power: 1 };
const filters = {
  count: 3,
  starts: Int32Array.of(2, 0, 3),
  lengths: Int32Array.of(3, 0, 1),
  weights: Float64Array.of(1, 2, 1, 0.5),
};

function run(given: Partial<Recipe>, samples: Float32Array | Float64Array = tone, frames = 3): number[][] {
  const engine = frameEngine({ ...recipe, ...given });
  const out = new Float32Array(engine.bins * frames);
  engine.run(samples, 0, frames, out, 0, frames);
  return Array.from({ length: engine.bins }, (_, b) => [...out.subarray(b * frames, (b + 1) * frames)]);
}

describe('a frame', () => {
  test('becomes magnitudes or powers by frequency', () => {
    expect(run({}).map(([first]) => Math.round(first! * 1e5) / 1e5)).toEqual([0, 0, 2, 4, 2, 0, 0, 0, 0]);
    expect(run({ power: 2 }).map(([first]) => Math.round(first! * 1e5) / 1e5)).toEqual([0, 0, 4, 16, 4, 0, 0, 0, 0]);
  });

  test('is weighed by filters, an empty one among them', () => {
    expect(run({ filters })).toEqual([
      [12, 12, 12],
      [0, 0, 0],
      [2, 2, 2],
    ]);
  });

  test('is scaled logarithmically above a floor, or with one added', () => {
    expect(run({ filters, log: { base: '10', floor: 1e-10, how: 'max' } })[1]![0]).toBe(-10);
    expect(run({ filters, log: { base: '10', floor: 88, how: 'add' } })[0]![0]).toBe(2);
    expect(run({ filters, log: { base: 'e', floor: 0, how: 'add' } })[1]![0]).toBe(-Infinity);
    expect(run({ filters, log: { base: 'e', floor: 0, how: 'max' } })[2]![0]).toBe(Math.fround(Math.LN2));
  });

  test('goes where it is told', () => {
    const out = new Float32Array(40).fill(7);
    frameEngine({ ...recipe, filters }).run(tone, 4, 2, out, 5, 10);
    expect([...out]).toEqual(Array.from({ length: 40 }, (_, i) => ({ 5: 12, 6: 12, 15: 0, 16: 0, 25: 2, 26: 2 })[i] ?? 7));
  });
});

test.each<[string, Partial<Recipe>, string]>([
  ['no length', { fftLength: 0 }, 'AUDIO_FRAME'],
  ['a hop of 0', { hop: 0 }, 'AUDIO_FRAME'],
  ['a window of another length', { window: new Float64Array(15) }, 'AUDIO_WINDOW'],
  ['a power of 3', { power: 3 as never }, 'AUDIO_OPTION'],
  ['a negative floor', { log: { base: 'e', floor: -1, how: 'max' } }, 'AUDIO_OPTION'],
  ['a filter beyond the last frequency', { filters: { ...filters, starts: Int32Array.of(7, 0, 3) } }, 'AUDIO_MEL'],
  ['fewer weights than filters say', { filters: { ...filters, weights: new Float64Array(3) } }, 'AUDIO_MEL'],
])('%s is refused', (_, given, code) => {
  expect(() => frameEngine({ ...recipe, ...given })).toThrow(expect.objectContaining({ code }));
});

test('frames beyond the samples and values beyond the output are refused', () => {
  const engine = frameEngine(recipe);
  const out = new Float32Array(30);
  const refused = expect.objectContaining({ code: 'AUDIO_FRAME' });
  expect(() => engine.run(tone, -1, 3, out, 0, 3)).toThrow(refused);
  expect(() => engine.run(tone, 0, 4, out, 0, 3)).toThrow(refused);
  expect(() => engine.run(tone, 0, 3, out, 4, 3)).toThrow(refused);
  engine.run(tone, 0, 0, out, 0, 3);
  expect(out.every((value) => value === 0)).toBe(true);
});
