import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tableModel } from '../../test/table-model.js';
import { generateText, generateTexts, type TextGenerationOptions, type TextTokenizer } from './generate-text.js';
import { stopScanner } from './stop-strings.js';

/** One id per UTF-8 byte: a character of several bytes comes with its last. */
const bytes: TextTokenizer = {
  encode: (text) => ({ ids: new TextEncoder().encode(text) }),
  decodeStream() {
    const decoder = new TextDecoder();
    return { push: (id) => decoder.decode(Uint8Array.of(id), { stream: true }), flush: () => decoder.decode() };
  },
};

/** A model that continues '>' with `text`, whose bytes differ. */
function speaker(text: string) {
  const line = [...new TextEncoder().encode(`>${text}`)];
  expect(new Set(line).size).toBe(line.length);
  return tableModel(
    Array.from({ length: 256 }, (_, from) => {
      const next = line[line.indexOf(from) + 1] ?? line[0]!;
      return Array.from({ length: 256 }, (__, to) => Number(to === next) * 9);
    }),
  );
}

async function say(text: string, options: TextGenerationOptions): Promise<{ text: string; parts: number; finish: string | undefined }> {
  let all = '';
  let parts = 0;
  let finish: string | undefined;
  for await (const part of generateText(speaker(text), bytes, '>', options)) {
    all += part.text;
    parts++;
    finish = part.finish;
  }
  return { text: all, parts, finish };
}

describe('text generation', () => {
  test('gives text as it comes; a character waits for its last byte', async () => {
    const texts: string[] = [];
    for await (const { text } of generateText(speaker('aé!'), bytes, '>', { maxTokens: 4 })) texts.push(text);
    expect(texts).toEqual(['a', '', 'é', '!']);
  });

  test('a stop string ends it and is left out; its beginning is held back', async () => {
    expect(await say('abcdef', { stopStrings: ['de'], maxTokens: 6 })).toEqual({ text: 'abc', parts: 5, finish: 'stop' });
    expect(await say('abcdef', { stopStrings: ['dx', 'q'], maxTokens: 4 })).toEqual({ text: 'abcd', parts: 4, finish: 'length' });
    expect(await say('abcdef', { stopIds: [99], maxTokens: 6 })).toEqual({ text: 'abc', parts: 3, finish: 'stop' });
    for (const stopStrings of [[''], 'ef' as never, [2 as never]])
      await expect(say('abc', { stopStrings })).rejects.toMatchObject({
        code: 'GENERATION_OPTIONS',
        message: expect.stringContaining('stopStrings'),
      });
  });

  test('a stop string may begin and end within tokens, and within characters of several bytes', async () => {
    expect(await say('aé€b', { stopStrings: ['é€'], maxTokens: 7 })).toEqual({ text: 'a', parts: 6, finish: 'stop' });
    expect(await say('aé😀b', { stopStrings: ['😀'], maxTokens: 8 })).toEqual({ text: 'aé', parts: 7, finish: 'stop' });
    expect(await say('aé€b', { stopStrings: ['é€!'], maxTokens: 7 })).toEqual({ text: 'aé€b', parts: 7, finish: 'length' });
    expect(await say('aé€b', { stopStrings: ['é€'], maxTokens: 4 })).toEqual({ text: 'aé\uFFFD', parts: 4, finish: 'length' }); // € is cut
  });

  test('rows of a batch are told apart', async () => {
    const out = ['', ''];
    for await (const { row, text } of generateTexts(speaker('abcdef'), bytes, ['>', [99]], { maxTokens: 3 })) out[row] += text;
    expect(out).toEqual(['abc', 'def']);
  });
});

test('the scanner gives, over any pieces, the text before the stop string that is complete first', () => {
  const letters = (options: fc.StringConstraints) => fc.string({ unit: fc.constantFrom('a', 'b', 'c'), ...options });
  fc.assert(
    fc.property(
      fc.array(letters({ maxLength: 4 }), { maxLength: 12 }),
      fc.array(letters({ minLength: 1, maxLength: 4 }), { maxLength: 3 }),
      (pieces, stops) => {
        const scanner = stopScanner(stops);
        let given = '';
        let ended = false;
        let read = '';
        let expected: string | undefined;
        for (const piece of pieces) {
          const { text, stopped } = scanner.push(piece);
          given += text;
          ended = stopped;
          read += piece;
          const found = stops.map((stop) => read.indexOf(stop)).filter((at) => at >= 0);
          if (expected === undefined && found.length > 0) expected = read.slice(0, Math.min(...found));
          expect((expected ?? read).startsWith(given)).toBe(true);
          expect(stopped).toBe(expected !== undefined);
        }
        expect(given + scanner.flush()).toBe(expected ?? read);
        expect(ended).toBe(expected !== undefined);
      },
    ),
    { numRuns: 2000 },
  );
});
