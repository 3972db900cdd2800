import { describe, expect, test } from '@jest/globals';
import type { Warning } from '@polymodal/modality-registry';
import { endHeard, newHeard, rateOf, samplesOf } from './signal.js';

describe('samplesOf', () => {
  test('gives the array itself', () => {
    const data = Float32Array.of(0, 0.5, -1);
    expect(samplesOf(data)).toBe(data);
    expect(samplesOf({ data, sampleRate: 8000 })).toBe(data);
    expect(samplesOf(new Float32Array(0))).toHaveLength(0);
  });

  test.each([[undefined], [null], [[0, 1]], [new Int16Array(3)], [{ data: new Float64Array(2), sampleRate: 1 }], ['a.wav']])(
    'refuses %p by name',
    (given) => {
      expect(() => samplesOf(given as never)).toThrow(expect.objectContaining({ code: 'AUDIO_SIGNAL' }));
    },
  );

  test('refuses samples whose buffer was transferred', () => {
    const data = new Float32Array(4);
    structuredClone(data.buffer, { transfer: [data.buffer] });
    expect(() => samplesOf(data)).toThrow(/transferred/);
  });

  test('reads shared memory', () => {
    const data = new Float32Array(new SharedArrayBuffer(8)) as unknown as Float32Array<ArrayBuffer>;
    expect([...samplesOf(data)]).toEqual([0, 0]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    '%p is an error, or silence where that is asked for',
    (bad) => {
      const data = Float32Array.of(0.5, bad, 0.25);
      expect(() => samplesOf(data)).toThrow(/sample 1 is/);
      expect([...samplesOf(data, { notFinite: 'zero' })]).toEqual([0.5, 0, 0.25]);
      expect(data[1]).toBe(bad);
    },
  );

  test('warns of unscaled integers, not of a few loud samples', () => {
    const heard: Warning[] = [];
    const onWarning = (warning: Warning) => heard.push(warning);
    const quiet = new Float32Array(1000);
    quiet[3] = 2;
    samplesOf(quiet, { onWarning });
    expect(heard).toEqual([]);
    samplesOf(
      Float32Array.from({ length: 1000 }, (_, i) => i * 30),
      { onWarning },
    );
    expect(heard).toMatchObject([{ code: 'AUDIO_SCALE' }]);
  });

  test.each([['x'], [{}], [1]])('refuses %p as a listener', (onWarning) => {
    expect(() => samplesOf(new Float32Array(1), { onWarning: onWarning as never })).toThrow(/onWarning is .* a function was expected/);
  });
});

describe('a sound in chunks', () => {
  /** Where it warns: numbers of chunks, or `end`. */
  function warnings(chunks: readonly Float32Array[]): (number | 'end')[] {
    const heard = newHeard();
    const at: (number | 'end')[] = [];
    for (const [i, chunk] of chunks.entries()) samplesOf(chunk, { onWarning: () => at.push(i) }, heard);
    endHeard(heard, () => at.push('end'));
    return at;
  }
  const chunks = (length: number, size: number, sample: (i: number) => number) =>
    Array.from({ length: length / size }, (_, c) => Float32Array.from({ length: size }, (_, i) => sample(c * size + i)));

  test('is counted as a whole: one loud sample of 2,000 is nothing, wherever it stands', () => {
    for (const place of [0, 50, 1999]) expect(warnings(chunks(2000, 1, (i) => (i === place ? 1.6 : 0)))).toEqual([]);
  });

  test('warns once, as soon as it is sure', () => {
    expect(warnings(chunks(2000, 1, () => 9000))).toEqual([101]);
    expect(warnings(chunks(16_000, 1600, () => 9000))).toEqual([0]);
  });

  test('warns of a short one at its end, and of what is just too loud', () => {
    expect(warnings(chunks(80, 20, () => 9000))).toEqual(['end']);
    expect(warnings(chunks(2000, 200, (i) => (i < 21 ? 1.6 : 0)))).toEqual(['end']);
    expect(warnings(chunks(2000, 200, (i) => (i < 20 ? 1.6 : 0)))).toEqual([]);
  });
});

test.each([[undefined], [0], [-1], [Number.NaN], [Number.POSITIVE_INFINITY], ['16000']])('a rate of %p is refused', (sampleRate) => {
  expect(() => rateOf({ data: new Float32Array(1), sampleRate } as never)).toThrow(expect.objectContaining({ code: 'AUDIO_SAMPLE_RATE' }));
});

test('a bare array has no rate', () => expect(() => rateOf(new Float32Array(1))).toThrow(/sampleRate is undefined/));
