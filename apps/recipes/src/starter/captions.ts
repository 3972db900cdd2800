import type { Random } from '@polymodal/autograd';
import type { Concept } from '../emoji/index.js';

export type Language = 'en' | 'zh';
export const languages: readonly Language[] = ['en', 'zh'];

/** What a caption is made of: the name, or the name and keywords, or keywords alone. */
export interface CaptionMix {
  /** How often a caption is in English. */
  readonly english: number;
  /** How often it is one to three keywords alone. */
  readonly keywordsAlone: number;
  /** How often one or two keywords stand beside the name. */
  readonly nameAndKeywords: number;
  /** How often the caption stands in a phrase such as `a picture of {}`. */
  readonly templates: number;
}

/** A concept's keywords without its name, lower-cased, each once. */
export function keywordsOf(concept: Concept, language: Language): string[] {
  const name = concept.names[language].toLowerCase();
  return [...new Set(concept.keywords[language].map((keyword) => keyword.toLowerCase()))].filter((keyword) => keyword !== name);
}

function pick(random: Random, items: readonly string[], count: number): string[] {
  return random.shuffle([...items]).slice(0, count);
}

/** How people wrap what they look for; a model that has met these words does not stumble over them. */
const templates: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'a {}',
    'the {}',
    'a picture of {}',
    'a photo of a {}',
    'an emoji of {}',
    'something like {}',
    'something to do with {}',
    'something for {}',
    'i want {}',
    'show me {}',
  ],
  zh: ['一个{}', '{}的图片', '一张{}的照片', '{}的表情', '和{}有关的东西', '像{}一样', '我想要{}', '有{}的'],
};

/** A caption, and what it says: keywords alone may suit other concepts too; with the name it is this one's. */
export interface Caption {
  readonly text: string;
  /** The keywords that the caption consists of; undefined where it holds the name. */
  readonly keywords: readonly string[] | undefined;
}

/** A random caption of a concept, now and then inside a phrase. */
export function drawCaption(concept: Concept, keywords: readonly string[], language: Language, mix: CaptionMix, random: Random): Caption {
  const { text, keywords: used } = drawWords(concept, keywords, language, mix, random);
  if (random.uniform() >= mix.templates) return { text, keywords: used };
  const wrapping = templates[language];
  return { text: wrapping[random.integer(wrapping.length)]!.replace('{}', text), keywords: used };
}

function drawWords(concept: Concept, keywords: readonly string[], language: Language, mix: CaptionMix, random: Random): Caption {
  const name = concept.names[language].toLowerCase();
  const kind = random.uniform();
  if (keywords.length === 0 || kind >= mix.keywordsAlone + mix.nameAndKeywords) return { text: name, keywords: undefined };
  if (kind < mix.keywordsAlone) {
    const used = pick(random, keywords, 1 + random.integer(3));
    return { text: used.join(' '), keywords: used };
  }
  const beside = pick(random, keywords, 1 + random.integer(2));
  return { text: (random.uniform() < 0.7 ? [name, ...beside] : [...beside, name]).join(' '), keywords: undefined };
}

/** Every name and keyword, and the phrases, which the tokenizer is trained on; names count twice. */
export function* captionCorpus(concepts: readonly Concept[]): Generator<string> {
  for (const language of languages) {
    for (const template of templates[language]) for (let i = 0; i < 20; i++) yield template.replace('{}', ' ');
    for (const concept of concepts) {
      yield concept.names[language];
      yield concept.names[language];
      yield* keywordsOf(concept, language);
    }
  }
}
