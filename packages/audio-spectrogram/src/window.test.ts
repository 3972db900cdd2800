import { expect, test } from '@jest/globals';
import { type WindowName, windowFunction } from './window.js';

/** torch's in float64, of 6 samples; by hand where torch has none. */
const periodic: Readonly<Record<WindowName, number[]>> = {
  hann: [0, 0.25, 0.75, 1, 0.75, 0.25],
  hamming: [0.08, 0.31, 0.77, 1, 0.77, 0.31],
  blackman: [0, 0.13, 0.63, 1, 0.63, 0.13],
  bartlett: [0, 1 / 3, 2 / 3, 1, 2 / 3, 1 / 3],
  povey: [0, 0.25 ** 0.85, 0.75 ** 0.85, 1, 0.75 ** 0.85, 0.25 ** 0.85],
  rectangular: [1, 1, 1, 1, 1, 1],
};

test.each(Object.entries(periodic))('%s', (name, expected) => {
  const window = windowFunction(name as WindowName, 6);
  window.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 15);
  });
  // A symmetric one of 7 samples is the periodic one of 6 with its first sample again.
  const symmetric = windowFunction(name as WindowName, 7, { periodic: false });
  expect([...symmetric]).toEqual([...window, window[0]]);
  for (const length of [5, 64, 401]) {
    const one = windowFunction(name as WindowName, length, { periodic: false });
    expect([...one].reverse()).toEqual([...one]);
  }
});

test.each([true, false])('none and one sample have no shape, periodic: %p', (isPeriodic) => {
  expect(windowFunction('hann', 0, { periodic: isPeriodic })).toHaveLength(0);
  expect([...windowFunction('hann', 1, { periodic: isPeriodic })]).toEqual([1]);
});

test.each([
  ['hanning', 4, {}, 'AUDIO_OPTION'],
  ['toString', 4, {}, 'AUDIO_OPTION'],
  [undefined, 4, {}, 'AUDIO_OPTION'],
  ['hann', 4, null, 'AUDIO_OPTION'],
  ['hann', 4, { periodic: 'no' }, 'AUDIO_OPTION'],
  ['hann', -1, {}, 'AUDIO_FRAME'],
  ['hann', 1.5, {}, 'AUDIO_FRAME'],
  ['hann', 2 ** 40, {}, 'AUDIO_FRAME'],
])('%p of %p samples with %p is refused', (name, length, options, code) => {
  expect(() => windowFunction(name as WindowName, length, options as never)).toThrow(expect.objectContaining({ code }));
});
