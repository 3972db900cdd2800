import { expect, test } from '@jest/globals';
import { createRandom } from '@polymodal/autograd';
import type { Concept } from '../emoji/index.js';
import { type Caption, type CaptionMix, captionCorpus, drawCaption, keywordsOf } from './captions.js';

const heart: Concept = {
  hexcode: '1F495',
  emoji: '💕',
  names: { en: 'Two Hearts', zh: '两颗心' },
  keywords: { en: ['Love', 'two hearts', 'love', 'pair'], zh: ['爱'] },
  files: { noto: '', twemoji: '', openmoji: '', fluent3d: '', fluentFlat: '' },
};
const nameAlone: CaptionMix = { english: 1, keywordsAlone: 0, nameAndKeywords: 0, templates: 0 };

function draw(mix: Partial<CaptionMix>, count = 200, keywords = keywordsOf(heart, 'en')): Caption[] {
  const random = createRandom(7);
  return Array.from({ length: count }, () => drawCaption(heart, keywords, 'en', { ...nameAlone, ...mix }, random));
}
const captions = (...parameters: Parameters<typeof draw>) => draw(...parameters).map(({ text }) => text);
const distinct = (list: readonly string[]) => [...new Set(list)].sort();

test('keywords are lower-cased, each once, and without the name', () => {
  expect(keywordsOf(heart, 'en')).toEqual(['love', 'pair']);
  expect(keywordsOf(heart, 'zh')).toEqual(['爱']);
});

test('the mix says what a caption is made of', () => {
  expect(distinct(captions({}))).toEqual(['two hearts']);
  expect(distinct(captions({ keywordsAlone: 1 }))).toEqual(['love', 'love pair', 'pair', 'pair love']);
  expect(distinct(captions({ nameAndKeywords: 1 }))).toEqual(
    ['love two hearts', 'pair two hearts', 'love pair two hearts', 'pair love two hearts']
      .concat(['two hearts love', 'two hearts pair', 'two hearts love pair', 'two hearts pair love'])
      .sort(),
  );
});

test('a concept without keywords is called by its name', () => {
  expect(distinct(captions({ keywordsAlone: 1 }, 20, []))).toEqual(['two hearts']);
});

test('phrases stand around the words', () => {
  const wrapped = distinct(captions({ templates: 1 }));
  expect(wrapped).toContain('a picture of two hearts');
  expect(wrapped.length).toBeGreaterThan(5);
  for (const caption of wrapped) expect(caption).toMatch(/two hearts/);
});

test('a caption tells its keywords where it consists of them, in a phrase too, and none where it holds the name', () => {
  const drawn = draw({ keywordsAlone: 0.5, nameAndKeywords: 0.3, templates: 0.5 });
  for (const { text, keywords } of drawn) {
    expect(keywords === undefined).toBe(text.includes('two hearts'));
    if (keywords !== undefined) expect(text).toContain(keywords.join(' '));
  }
  expect(drawn.some(({ keywords }) => keywords === undefined)).toBe(true);
  expect(drawn.some(({ keywords }) => keywords?.length === 2)).toBe(true);
});

test('shares are those of the mix', () => {
  const drawn = captions({ keywordsAlone: 0.3, nameAndKeywords: 0.2, templates: 0 }, 4_000);
  const share = (is: (caption: string) => boolean) => drawn.filter(is).length / drawn.length;
  expect(share((caption) => caption === 'two hearts')).toBeCloseTo(0.5, 1);
  expect(share((caption) => !caption.includes('two hearts'))).toBeCloseTo(0.3, 1);
});

test('the same stream gives the same captions', () => {
  const mix = { keywordsAlone: 0.5, nameAndKeywords: 0.4, templates: 0.5 };
  expect(captions(mix)).toEqual(captions(mix));
});

test('the corpus has every name and keyword in both languages', () => {
  const corpus = [...captionCorpus([heart])];
  for (const words of ['Two Hearts', 'love', 'pair', '两颗心', '爱']) expect(corpus).toContain(words);
});
