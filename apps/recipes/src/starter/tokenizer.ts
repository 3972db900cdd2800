import { type Tokenizer, trainTokenizer } from '@polymodal/text-tokenizer';
import type { Concept } from '../emoji/index.js';
import { captionCorpus } from './captions.js';
import type { StarterSettings } from './settings.js';

/** The starter's tokenizer, learnt from the names and keywords: the same every time. */
export function starterTokenizer(concepts: readonly Concept[], { vocabularySize }: StarterSettings): Promise<Tokenizer> {
  return trainTokenizer(captionCorpus(concepts), {
    kind: 'byte-level-bpe',
    vocabularySize,
    normalizer: ['NFKC', 'Lowercase'],
    addPrefixSpace: true,
    // Chinese characters carry meaning one by one, and a bag of them forgives words that training never met.
    isolate: '[一-鿿㐀-䶿]',
    specialTokens: { padding: '<|padding|>', end: '<|endoftext|>' },
    modelMaxLength: 32,
  });
}
