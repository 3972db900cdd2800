import { describe, expect, test } from '@jest/globals';
import { noise } from '../test/goldens.js';
import { normalize, toImage } from './normalize.js';

const clip = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] };

test('each step is rounded to float32, channels first', () => {
  const { dims, data } = normalize({ data: Uint8Array.of(0, 128, 255, 10, 20, 30), width: 2, height: 1 }, clip);
  expect(dims).toEqual([3, 1, 2]);
  const f = Math.fround;
  expect(data[2]).toBe(f(f(f(128 / 255) - f(clip.mean[1]!)) / f(clip.std[1]!)));
  expect(data[5]).toBe(f(f(f(30 / 255) - f(clip.mean[2]!)) / f(clip.std[2]!)));
});

test('channels last is the same values in another order', () => {
  const image = noise(5, 3, 3);
  const chw = normalize(image, clip).data;
  const { dims, data } = normalize(image, { ...clip, layout: 'hwc' });
  expect(dims).toEqual([3, 5, 3]);
  for (const [i, value] of data.entries()) expect(value).toBe(chw[(i % 3) * 15 + Math.floor(i / 3)]);
});

test.each(['chw', 'hwc'] as const)('toImage undoes normalize (%s)', (layout) => {
  for (const channels of [1, 3, 4]) {
    const statistics = channels === 3 ? clip : {};
    const image = noise(7, 5, channels);
    expect(toImage(normalize(image, { ...statistics, layout }), { ...statistics, layout })).toEqual(image);
  }
});

describe('bad input', () => {
  test.each<[string, () => unknown, string]>([
    ['a mean of two channels', () => normalize(noise(2, 2, 3), { mean: [0, 0] }), 'IMAGE_NORMALIZE'],
    ['a std of 0', () => normalize(noise(2, 2, 1), { std: [0] }), 'IMAGE_NORMALIZE'],
    ['a NaN mean', () => normalize(noise(2, 2, 1), { mean: [Number.NaN] }), 'IMAGE_NORMALIZE'],
    ['an infinite rescale factor', () => normalize(noise(2, 2, 1), { rescaleFactor: Number.POSITIVE_INFINITY }), 'IMAGE_NORMALIZE'],
    ['a tensor of four dimensions', () => toImage({ type: 'float32', dims: [1, 3, 1, 1], data: new Float32Array(3) }), 'IMAGE_TENSOR'],
    ['a tensor of five channels', () => toImage({ type: 'float32', dims: [5, 1, 1], data: new Float32Array(5) }), 'IMAGE_CHANNELS'],
    ['int64', () => toImage({ type: 'int64', dims: [1, 1, 1], data: new BigInt64Array(1) }), 'IMAGE_TENSOR'],
  ])('%s is refused', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
