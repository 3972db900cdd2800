import { describe, expect, test } from '@jest/globals';
import { expandPlaceholders } from './index.js';

describe('expandPlaceholders', () => {
  test('repeats a placeholder as often as there are ids for what it stands for', () => {
    expect(expandPlaceholders('<image>\nWhat is this?', { '<image>': 3 })).toBe('<image><image><image>\nWhat is this?');
    expect(expandPlaceholders('<image> and <image>', { '<image>': (i) => [2, 0][i]! })).toBe('<image><image> and ');
    expect(expandPlaceholders('a b', {})).toBe('a b');
  });

  test('or writes a text in its place, once and from left to right', () => {
    const soft = (n: number) => `\n\n<start_of_image>${'<soft>'.repeat(n)}<end_of_image>\n\n`;
    expect(expandPlaceholders('x <start_of_image> y', { '<start_of_image>': soft(2) })).toBe(`x ${soft(2)} y`);
    expect(expandPlaceholders('<a><ab><b>', { '<a>': '<b>', '<ab>': 2, '<b>': 1 })).toBe('<b><ab><ab><b>');
    expect(expandPlaceholders('[1] . ($&)', { '.': '$&', '($&)': 2, '[1]': 1 })).toBe('[1] $& ($&)($&)');
  });

  test('the longest placeholder that begins at a place counts', () => {
    expect(expandPlaceholders('<image_pad><image>', { '<image': 'no', '<image>': 2, '<image_pad>': 3 })).toBe(
      '<image_pad><image_pad><image_pad><image><image>',
    );
  });

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e9, undefined as unknown as number])('refuses a count of %p', (count) => {
    expect(() => expandPlaceholders('<image>', { '<image>': count })).toThrow(expect.objectContaining({ code: 'TOKENIZER_OPTIONS' }));
  });

  test('refuses an empty placeholder, and texts that grow without end', () => {
    expect(() => expandPlaceholders('x', { '': 2 })).toThrow(expect.objectContaining({ code: 'TOKENIZER_OPTIONS' }));
    expect(() => expandPlaceholders('<i>'.repeat(1e5), { '<i>': 1000 })).toThrow(expect.objectContaining({ code: 'TOKENIZER_OPTIONS' }));
  });
});
