import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cosine, learningRateAt, linearDecay } from './schedule.js';

const shapes = fc.record({
  peak: fc.double({ min: 1e-6, max: 10, noNaN: true }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  steps: fc.integer({ min: 2, max: 200 }),
  warmupShare: fc.double({ min: 0, max: 0.9, noNaN: true }),
});

describe.each([
  ['cosine', cosine],
  ['linearDecay', linearDecay],
])('%s', (_, build) => {
  test('rises in equal steps to the peak, then falls to the end and no further', () => {
    fc.assert(
      fc.property(shapes, ({ peak, share, steps, warmupShare }) => {
        const [final, warmup] = [peak * share, Math.floor(steps * warmupShare)];
        const schedule = build({ peak, warmup, final });
        const rates = Array.from({ length: steps + 3 }, (__, step) => learningRateAt(schedule, step, steps));
        for (let step = 0; step < warmup; step++) expect(rates[step]).toBeCloseTo((peak * (step + 1)) / warmup, 9);
        expect(rates[warmup]).toBeCloseTo(peak, 9);
        for (let step = warmup; step < steps; step++) {
          expect(rates[step + 1]!).toBeLessThanOrEqual(rates[step]! + 1e-12);
          expect(rates[step]!).toBeGreaterThanOrEqual(final - 1e-12);
        }
        for (const after of rates.slice(steps)) expect(after).toBeCloseTo(final, 9);
      }),
      { numRuns: 100, seed: 2 },
    );
  });
});

test('halfway, both are halfway', () => {
  for (const build of [cosine, linearDecay]) expect(learningRateAt(build({ peak: 3, final: 1, warmup: 10 }), 60, 110)).toBeCloseTo(2, 12);
  expect(learningRateAt(cosine({ peak: 1 }), 25, 100)).toBeCloseTo(0.5 + Math.SQRT1_2 / 2, 12);
  expect(learningRateAt(linearDecay({ peak: 1 }), 25, 100)).toBeCloseTo(0.75, 12);
});

test('a number, or a function of step and steps, is a schedule too', () => {
  expect(learningRateAt(0.25, 7, 9)).toBe(0.25);
  expect(learningRateAt((step, steps) => step / steps, 3, 4)).toBe(0.75);
});
