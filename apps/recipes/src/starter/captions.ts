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
}

/** A concept's keywords without its name, lower-cased, each once. */
export function keywordsOf(concept: Concept, language: Language): string[] {
  const name = concept.names[language].toLowerCase();
  return [...new Set(concept.keywords[language].map((keyword) => keyword.toLowerCase()))].filter((keyword) => keyword !== name);
}

function pick(random: Random, items: readonly string[], count: number): string[] {
  return random.shuffle([...items]).slice(0, count);
}

/** A random caption of a concept. */
export function drawCaption(concept: Concept, keywords: readonly string[], language: Language, mix: CaptionMix, random: Random): string {
  const name = concept.names[language].toLowerCase();
  const kind = random.uniform();
  if (keywords.length === 0 || kind >= mix.keywordsAlone + mix.nameAndKeywords) return name;
  if (kind < mix.keywordsAlone) return pick(random, keywords, 1 + random.integer(3)).join(' ');
  const beside = pick(random, keywords, 1 + random.integer(2));
  return (random.uniform() < 0.7 ? [name, ...beside] : [...beside, name]).join(' ');
}

/** Every name and keyword, which the tokenizer is trained on; names count twice. */
export function* captionCorpus(concepts: readonly Concept[]): Generator<string> {
  for (const language of languages)
    for (const concept of concepts) {
      yield concept.names[language];
      yield concept.names[language];
      yield* keywordsOf(concept, language);
    }
}
