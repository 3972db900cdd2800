import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createRandom } from '@polymodal/modality-registry';
import fc from 'fast-check';
import { greedyChoice, sampleChoice } from './choose.js';
import { applyProcessors, logProbabilities, minP, repetitionPenalty, suppress, temperature, topK, topP } from './logits.js';

interface ProcessorGolden {
  readonly processor: 'temperature' | 'topK' | 'topP' | 'minP' | 'repetitionPenalty';
  readonly value: number;
  readonly ids: readonly number[];
  readonly logits: readonly number[];
  readonly result: readonly (number | null)[];
}

const { processors } = JSON.parse(readFileSync(new URL('../goldens/generation.json', import.meta.url), 'utf8')) as {
  processors: readonly ProcessorGolden[];
};
const ours = { temperature, topK, topP, minP, repetitionPenalty };

/** Different logits: what happens to equal ones has tests of its own. */
const anyLogits = fc
  .uniqueArray(fc.integer({ min: -4000, max: 4000 }), { minLength: 1, maxLength: 40 })
  .map((values) => Float32Array.from(values, (value) => value / 512));
const kept = (logits: Float32Array) => [...logits.keys()].filter((id) => logits[id] !== Number.NEGATIVE_INFINITY);
/** Probabilities, likeliest first: [id, probability]. */
function ranked(logits: Float32Array): (readonly [number, number])[] {
  const weights = Array.from(logits, (logit) => Math.exp(logit));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight, id) => [id, weight / total] as const).sort((a, b) => b[1] - a[1]);
}

describe("logits processors give transformers' numbers", () => {
  test.each(Object.keys(ours) as (keyof typeof ours)[])('%s', (name) => {
    const cases = processors.filter(({ processor }) => processor === name);
    expect(cases.length).toBeGreaterThan(30);
    for (const { value, ids, logits, result } of cases) {
      const input = Float32Array.from(logits);
      const before = input.slice();
      const given = ours[name](value)(input, ids);
      expect(kept(given)).toEqual([...result.keys()].filter((id) => result[id] !== null));
      for (const id of kept(given)) expect(Math.abs(given[id]! - result[id]!)).toBeLessThan(1e-5);
      expect(input).toEqual(before);
    }
  });
});

describe('against brute force', () => {
  test('topK keeps the k likeliest; with equal logits, all that equal the k-th', () => {
    fc.assert(
      fc.property(anyLogits, fc.integer({ min: 1, max: 50 }), (logits, k) => {
        const best = ranked(logits)
          .slice(0, k)
          .map(([id]) => id);
        expect(kept(topK(k)(logits, []))).toEqual(best.sort((a, b) => a - b));
      }),
    );
    expect(kept(topK(2)(Float32Array.of(1, 3, 1, 0, 1), []))).toEqual([0, 1, 2, 4]);
    fc.assert(
      fc.property(fc.float32Array({ minLength: 2, maxLength: 40, noNaN: true }), fc.nat(), (logits, at) => {
        const k = 1 + (at % (logits.length - 1));
        const threshold = logits.slice().sort()[logits.length - k]!;
        expect(kept(topK(k)(logits, []))).toEqual(kept(logits).filter((id) => logits[id]! >= threshold));
      }),
    );
  });

  test('topP keeps the fewest whose sum reaches p', () => {
    fc.assert(
      fc.property(anyLogits, fc.double({ min: 0.001, max: 1, noNaN: true }), (logits, p) => {
        const result = topP(p)(logits, []);
        let sum = 0;
        const best: number[] = [];
        for (const [id, probability] of ranked(logits)) {
          if (p < 1 && sum >= p - 1e-12) break;
          best.push(id);
          sum += probability;
        }
        expect(kept(result)).toEqual(best.sort((a, b) => a - b));
        for (const id of kept(result)) expect(result[id]).toBe(logits[id]);
      }),
    );
    expect(kept(topP(0.5)(Float32Array.of(0, 0, 0, 0), []))).toEqual([0, 1]); // of equal ones, the first
  });

  test('minP keeps those at least p times as likely as the best', () => {
    fc.assert(
      fc.property(anyLogits, fc.double({ min: 0, max: 1, noNaN: true }), (logits, p) => {
        const all = ranked(logits);
        const near = all.some(([, probability]) => Math.abs(probability / all[0]![1] - p) < 1e-9);
        fc.pre(!near || p === 0);
        const expected = all.filter(([, probability]) => probability >= p * all[0]![1]).map(([id]) => id);
        expect(kept(minP(p)(logits, []))).toEqual(expected.sort((a, b) => a - b));
      }),
    );
  });

  test('repetitionPenalty counts a token once; ids outside the vocabulary are passed over', () => {
    expect([...repetitionPenalty(2)(Float32Array.of(4, -4, 0, 1), [0, 0, 1, 2, 9])]).toEqual([2, -8, 0, 1]);
  });

  test('suppress, and log probabilities that sum to 1', () => {
    expect(kept(suppress([1, 7])(Float32Array.of(1, 2, 3), []))).toEqual([0, 2]);
    fc.assert(
      fc.property(anyLogits, (logits) => {
        const total = logProbabilities(logits).reduce((sum, value) => sum + Math.exp(value), 0);
        expect(Math.abs(total - 1)).toBeLessThan(1e-5);
      }),
    );
  });
});

describe('processors, one after the other', () => {
  test('NaN passes all of them, so that the choice names it', () => {
    const all = [repetitionPenalty(2), temperature(0.5), topK(2), topP(0.5), minP(0.5)];
    for (const processors of [...all.map((one) => [one]), all]) {
      const given = applyProcessors(processors, Float32Array.of(1, 2, Number.NaN, 4, 0), [0]);
      expect(() => greedyChoice(given)).toThrow(expect.objectContaining({ message: expect.stringMatching(/is NaN/) }));
    }
  });

  test.each([
    ['nothing', () => undefined as unknown as Float32Array, /processor gave no logits for 3/],
    ['fewer', (logits: Float32Array) => logits.subarray(1), /processor gave 2 logits for 3/],
  ])('one that gives back %s is an error', (_, process, message) => {
    expect(() => applyProcessors([topK(2), process], new Float32Array(3), [])).toThrow(
      expect.objectContaining({ code: 'GENERATION_LOGITS', message: expect.stringMatching(message) }),
    );
  });
});

describe('choosing', () => {
  test('greedy is the first of the largest, and top-k of 1 samples the same', () => {
    fc.assert(
      fc.property(anyLogits, fc.nat(), (logits, seed) => {
        const best = ranked(logits)[0]![0];
        expect(greedyChoice(logits)).toBe(best);
        expect(sampleChoice(topK(1)(logits, []), createRandom(seed))).toBe(best);
      }),
    );
    expect(greedyChoice(Float32Array.of(1, 5, 5))).toBe(1);
  });

  test('sampling has the distribution softmax(logits): χ² over 20,000 draws', () => {
    const logits = Float32Array.of(0.5, -1, 2, Number.NEGATIVE_INFINITY, 0);
    const random = createRandom(3);
    const counts = new Float64Array(logits.length);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) counts[sampleChoice(logits, random)]!++;
    expect(counts[3]).toBe(0);
    const expected = Array.from(logProbabilities(logits), (value) => draws * Math.exp(value));
    let chiSquare = 0;
    for (const id of [0, 1, 2, 4]) chiSquare += (counts[id]! - expected[id]!) ** 2 / expected[id]!;
    expect(chiSquare).toBeLessThan(16.27); // 3 degrees of freedom, p = 0.001
  });

  test.each([
    ['NaN', Float32Array.of(1, Number.NaN), /token 1 is NaN/],
    ['all suppressed', new Float32Array(3).fill(Number.NEGATIVE_INFINITY), /every token is suppressed/],
    ['an infinity', Float32Array.of(1, Number.POSITIVE_INFINITY), /token 1 is infinite/],
    ['no logits', new Float32Array(0), /every token is suppressed/],
  ])('%s is an error', (_, logits, message) => {
    for (const choose of [greedyChoice, (x: Float32Array) => sampleChoice(x, createRandom(1))])
      expect(() => choose(logits)).toThrow(expect.objectContaining({ code: 'GENERATION_LOGITS', message: expect.stringMatching(message) }));
  });

  test.each([
    ['temperature', () => temperature(0)],
    ['temperature', () => temperature(Number.NaN)],
    ['topK', () => topK(1.5)],
    ['topP', () => topP(0)],
    ['topP', () => topP(2)],
    ['minP', () => minP(-1)],
    ['repetitionPenalty', () => repetitionPenalty(0)],
    ['temperature', () => temperature('1' as never)],
    ['suppressed', () => suppress(1 as never)],
  ])('%s out of range is refused by name', (name, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'GENERATION_OPTIONS', message: expect.stringContaining(name) }));
  });
});
