import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { codeOf } from '../test/wav-file.js';
import { mixDown } from './mix-down.js';

test('the mean of the channels, rounded once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 7, maxLength: 7 }), { minLength: 1 }),
      (lists) => {
        const channels = lists.map((list) => Float32Array.from(list));
        const expected = channels[0]!.map((_, i) => lists.reduce((sum, list) => sum + list[i]!, 0) / lists.length);
        expect(mixDown(channels)).toEqual(expected);
      },
    ),
  );
});

test('inputs stay as they are: a single channel is copied', () => {
  const channel = Float32Array.of(1, 2);
  const mixed = mixDown([channel]);
  mixed[0] = 9;
  expect(channel).toEqual(Float32Array.of(1, 2));
  expect(mixDown([channel, channel])).toEqual(channel);
});

describe('bad input', () => {
  test('samples that were transferred away', () => {
    const gone = Float32Array.of(1, 2);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expect(codeOf(() => mixDown([gone]))).toBe('AUDIO_SIGNAL');
  });

  test.each([[[]], [undefined], [null], [Float32Array.of(1)], [[[1, 2]]], [[new Float32Array(2), new Float32Array(3)]]])(
    '%p',
    (channels) => {
      expect(codeOf(() => mixDown(channels as never))).toBe('AUDIO_CHANNELS');
    },
  );
});
