import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { constantRate, cosine, learningRateAt, linearDecay, warmupStableDecay } from './schedule.js';

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

test('agree with torch.optim.lr_scheduler', () => {
  const { cases } = JSON.parse(readFileSync(new URL('./goldens/torch-schedules.json', import.meta.url), 'utf8')) as {
    cases: Record<string, { schedule?: string; options: { peak: number }; steps: number; rates: number[] }>;
  };
  const builders = { cosine, linearDecay };
  expect(Object.keys(cases)).toHaveLength(3);
  for (const [name, { schedule = name, options, steps, rates }] of Object.entries(cases)) {
    const build = builders[schedule as keyof typeof builders];
    rates.forEach((rate, step) => {
      expect(learningRateAt(build(options), step, steps)).toBeCloseTo(rate, 12);
    });
  }
});

describe('constantRate', () => {
  test('rises in the warm-up and stays', () => {
    const rates = Array.from({ length: 8 }, (_, step) => learningRateAt(constantRate({ peak: 4, warmup: 4 }), step, 8));
    expect(rates).toEqual([1, 2, 3, 4, 4, 4, 4, 4]);
    expect(learningRateAt(constantRate({ peak: 4 }), 0, 8)).toBe(4);
  });
});

describe('warmupStableDecay', () => {
  test('rises, stays, and falls in a straight line in the last steps', () => {
    const schedule = warmupStableDecay({ peak: 8, warmup: 2, decay: 4, final: 4 });
    expect(Array.from({ length: 10 }, (_, step) => learningRateAt(schedule, step, 10))).toEqual([4, 8, 8, 8, 8, 8, 8, 7, 6, 5]);
    expect(learningRateAt(schedule, 12, 10)).toBe(4);
  });

  test('before its decay, the number of steps does not matter', () => {
    const schedule = warmupStableDecay({ peak: 1, warmup: 10, decay: 20 });
    for (let step = 0; step < 80; step++) expect(learningRateAt(schedule, step, 100)).toBe(learningRateAt(schedule, step, 1000));
  });

  test('where warm-up and decay do not fit, the decay begins after the warm-up', () => {
    const schedule = warmupStableDecay({ peak: 4, warmup: 4, decay: 10 });
    expect(Array.from({ length: 6 }, (_, step) => learningRateAt(schedule, step, 6))).toEqual([1, 2, 3, 4, 4, 2]);
  });
});

test.each([Number.NaN, -1, undefined])('a rate that is %s names the step', (rate) => {
  expect(() => learningRateAt(() => rate as number, 4, 10)).toThrow(
    expect.objectContaining({ code: 'TRAIN_OPTIONS', message: expect.stringContaining(`the learning rate of step 5 of 10 is ${rate}.`) }),
  );
});

test.each([
  ['a peak that is no number', () => cosine({ peak: Number.NaN }), "'peak' is NaN"],
  ['a peak below 0', () => linearDecay({ peak: -1 }), "'peak' is -1"],
  [
    'a share as warm-up',
    () => cosine({ peak: 1, warmup: 0.1 }),
    "'warmup' is 0.1. Pass a whole number of steps, such as Math.round(0.1 * steps)",
  ],
  ['a warm-up below 0', () => constantRate({ peak: 1, warmup: -3 }), "'warmup' is -3"],
  ['a last rate below 0', () => warmupStableDecay({ peak: 1, decay: 3, final: -1 }), "'final' is -1"],
  ['a share as decay', () => warmupStableDecay({ peak: 1, decay: 0.2 }), "'decay' is 0.2"],
])('%s is refused at once', (_, build, message) => {
  expect(build).toThrow(
    expect.objectContaining({ name: 'TrainingError', code: 'TRAIN_OPTIONS', message: expect.stringContaining(message) }),
  );
});
