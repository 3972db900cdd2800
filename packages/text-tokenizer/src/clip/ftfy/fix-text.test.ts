import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { normalize } from '../../normalize.js';
import { looksBroken } from './badness.js';
import { fixText } from './fix-text.js';

const { badness, cases } = JSON.parse(readFileSync(new URL('../../goldens/clip-ftfy.json', import.meta.url), 'utf8')) as {
  badness: readonly [text: string, bad: 0 | 1][];
  cases: readonly [text: string, fixed: string][];
};

test('700 damaged texts are repaired as ftfy repairs them', () => {
  expect(cases).toHaveLength(700);
  expect(cases.filter(([text, fixed]) => text !== fixed).length).toBeGreaterThan(500);
  for (const [text, fixed] of cases) expect([text, fixText(text)]).toEqual([text, fixed]);
});

test('what looks broken is what ftfy takes for bad: 592 texts that its 37 rules fit, or nearly', () => {
  expect(badness).toHaveLength(592);
  for (const [text, bad] of badness) expect([text, looksBroken(text)]).toEqual([text, bad === 1]);
});

describe('what it does by default', () => {
  test.each([
    ['UTF-8 read as windows-1252, twice', 'doesnÃ¢â‚¬â„¢t', "doesn't"],
    ['a part of the text', 'naïve â€” and œuvre', 'naïve — and œuvre'],
    ['a no-break space that became a space', 'voilÃ  le travail', 'voilà le travail'],
    ['lost bytes', 'â€œ like this â€\ufffd', '" like this \ufffd'],
    ['surrogate pairs in UTF-8', '\u00ed\u00a0\u00bd\u00ed\u00b8\u008d', '😍'],
    ['C1 controls', 'wait\x85', 'wait…'],
    ['references, in capitals too', 'P&EACUTE;REZ &amp;amp; co', 'PÉREZ & co'],
    ['no references in HTML', '<b>&amp;</b>\n&amp;', '<b>&amp;</b>\n&amp;'],
    ['references before the first line of HTML', '&amp;\n<b>', '&\n<b>'],
    ['ligatures, widths, quotes', 'ﬂuﬃeﬆ ＬＯＵＤ　ﾂ “it’s” ﬅ', 'fluffiest LOUD ツ "it\'s" ſt'],
    ['line breaks, escapes, controls', 'a\r\nb\u2028c\x1b[36;44md\x1b[0m\x07\ufeff', 'a\nb\ncd'],
    ['lone surrogates', 'a\ud83db', 'a\ufffdb'],
    ['composition', 'e\u0301', 'é'],
  ])('%s', (_, text, fixed) => {
    expect(fixText(text)).toBe(fixed);
  });
});

test('plain ASCII is left alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => text.includes('&') || fixText(text) === text),
    { numRuns: 200, seed: 3 },
  );
});

test('lines are repaired one by one', () => {
  const damaged = fc.constantFrom('Ã©', 'é', 'â€™', '\u0301', 'a', ' ', 'Ã', '\x85');
  fc.assert(
    fc.property(fc.array(fc.array(damaged, { maxLength: 6 }), { maxLength: 5 }), (lines) => {
      const texts = lines.map((line) => `${line.join('')}\n`);
      return fixText(texts.join('')) === texts.map(fixText).join('');
    }),
    { numRuns: 300, seed: 4 },
  );
});

describe('hostile texts of up to a megabyte take seconds at most', () => {
  const repeat = (unit: string) => unit.repeat(300_000);
  test.each([
    ['nested references', `&${repeat('amp;').slice(0, 900_000)}`, '&'],
    ['nested references after a letter', `é&${repeat('amp;')}`, undefined],
    ['a repair that asks for the next one', `Ã${repeat('\x83')}`, undefined],
    ['half an escape sequence, again and again', repeat('\x1b[1'), repeat('[1')],
    ['lone surrogates', repeat('\ud83d'), repeat('\ufffd')],
  ])('%s', (_, text, fixed) => {
    const start = performance.now();
    const result = fixText(text);
    expect(performance.now() - start).toBeLessThan(20_000);
    if (fixed !== undefined) expect(result === fixed).toBe(true);
  });
});

test('marks in any order are normalised in linear time, as the engine does it', () => {
  const marks = ['\u0301', '\u0316', '\u0334', '\u0345', '\u0344', '\u05b0', '\u0f73', '\u0903', '\uff9e', '\u3099'];
  const run = fc.array(fc.constantFrom(...marks), { minLength: 200, maxLength: 600 });
  const forms = fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD');
  fc.assert(
    fc.property(run, run, forms, (first, second, form) => {
      const text = `${'x'.repeat(700)}e${first.join('')}か${second.join('')}`;
      return normalize(text, form as 'NFC') === text.normalize(form as 'NFC');
    }),
    { numRuns: 50, seed: 5 },
  );
  const start = performance.now();
  expect(normalize(`e${'\u0316\u0301'.repeat(500_000)}`, 'NFC')).toHaveLength(1_000_000);
  expect(performance.now() - start).toBeLessThan(20_000);
});
