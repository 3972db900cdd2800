import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cleanUpDecoder } from './clean-up.js';

/** transformers' `clean_up_tokenization`, on a whole text. */
const rules = [
  [' .', '.'], [' ?', '?'], [' !', '!'], [' ,', ','], [" ' ", "'"], [" n't", "n't"], [" 'm", "'m"], [" 's", "'s"], [" 've", "'ve"], [" 're", "'re"],
] as const; // biome-ignore format: a list
const whole = (text: string) => rules.reduce((result, [from, to]) => result.replaceAll(from, to), text);

function stream(pieces: readonly string[]): string {
  const stage = cleanUpDecoder()();
  let text = '';
  const emit = (piece: string) => {
    text += piece;
  };
  for (const piece of pieces) stage.push(piece, emit);
  stage.flush(emit);
  return text;
}

describe('cleanUpDecoder', () => {
  test.each([
    ["a ' ll ! ! to ? ' d ' ' d of , can ' t .", "a'll!! to?'d'' d of, can't."],
    ["I do n't know , he 's here ; they 've 're 'm .", "I don't know, he's here ; they've're'm."],
    ["x  ' s", "x's"],
    ["x  '  s", "x ' s"],
    [' . ', '. '],
    ['  .', ' .'],
    ["  n'ttt", " n'ttt"],
  ])('%j becomes %j, whole and letter by letter', (text, clean) => {
    expect(stream([text])).toBe(clean);
    expect(stream([...text])).toBe(clean);
  });

  test('however a text is cut, the stream gives what the rules give for the whole of it', () => {
    const piece = fc.oneof(
      fc.string({ unit: fc.constantFrom(' ', ' ', "'", '.', '!', ',', '?', 'n', 't', 'm', 's', 'v', 'r', 'e', 'é'), maxLength: 6 }),
      fc.constantFrom(' the', " '", "n't", '', ' ', ' 😀', ' ?'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(stream(pieces)).toBe(whole(pieces.join('')));
      }),
      { numRuns: 5000, seed: 3 },
    );
  });

  test('nothing that cannot change is held back', () => {
    const stage = cleanUpDecoder()();
    const seen: string[] = [];
    for (const piece of ['It', ' works', ' ', 'x', ' n', "'", 't', ' now']) stage.push(piece, (part) => seen.push(part));
    expect(seen).toEqual(['It', ' works', ' x', "n't", ' now']);
  });

  test('a stage can be used again after its flush', () => {
    const stage = cleanUpDecoder()();
    let text = '';
    const emit = (piece: string) => {
      text += piece;
    };
    stage.push('a ', emit);
    stage.flush(emit);
    stage.push('. ', emit);
    stage.flush(emit);
    expect(text).toBe('a . ');
  });
});
