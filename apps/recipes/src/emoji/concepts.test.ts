import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { loadConcepts } from './concepts.js';

test('there are 1,322 concepts, each named in two languages and drawn by five vendors', () => {
  const concepts = loadConcepts();
  expect(concepts).toHaveLength(1322);
  expect(new Set(concepts.map(({ hexcode }) => hexcode)).size).toBe(1322);
  for (const { names, files } of concepts) {
    expect(names.en).toMatch(/\S/);
    expect(names.zh).toMatch(/\S/);
    for (const file of Object.values(files)) expect(existsSync(file)).toBe(true);
  }
});

test('a concept has its names, keywords and pictures', () => {
  const heart = loadConcepts().find(({ hexcode }) => hexcode === '1F495');
  expect(heart).toMatchObject({ emoji: '💕', names: { en: 'two hearts', zh: '两颗心' } });
  expect(heart!.keywords.en).toContain('love');
  expect(heart!.files.noto).toMatch(/emoji-datasource-google.img.google.64.1f495\.png$/);
  expect(heart!.files.fluentFlat).toMatch(/two-hearts\.svg$/);
});
