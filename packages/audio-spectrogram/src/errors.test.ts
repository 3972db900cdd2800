import { describe, expect, test } from '@jest/globals';
import { checkOptions } from './errors.js';

describe('checkOptions', () => {
  test('gives objects back', () => {
    const options = { hopLength: 160 };
    expect(checkOptions('stft', options)).toBe(options);
  });

  test.each([null, undefined, 0, '', 'fast', 16_000, true])('refuses %p', (options) => {
    expect(() => checkOptions('stft', options)).toThrow(
      expect.objectContaining({ code: 'AUDIO_OPTION', message: expect.stringMatching(/^stft: options is .*, but an object was expected/) }),
    );
  });
});
