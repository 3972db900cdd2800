import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { bertVocabulary, clipDocument, gpt2Document, publishedDocument, sharedFile } from '../test/published-tokenizers.js';
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

const load: Readonly<Record<string, () => Tokenizer>> = {
  clip_hf: () => loadTokenizer(clipDocument()),
  gpt2: () => loadTokenizer(gpt2Document()),
  bert_base_uncased: () => loadWordPiece(bertVocabulary()),
  cl100k_gpt35turbo: () => loadTokenizer(publishedDocument('gpt35turbo')),
  o200k_gpt4o: () => loadTokenizer(publishedDocument('gpt4o')),
  claude: () => loadTokenizer(publishedDocument('claude')),
  llama3: () => loadTokenizer(publishedDocument('llama3')),
  qwen3: () => loadTokenizer(publishedDocument('qwen3')),
  mistral_spbpe: () => loadTokenizer(publishedDocument('llama2')),
  gemma3: () => loadTokenizer(publishedDocument('gemma3')),
};

/** Tests of transformers.js, made with Python's transformers; only where the shared goldens are. */
interface GroundTruth {
  readonly tokenizer: string;
  readonly text: string;
  readonly tokens: readonly string[];
  /** With begin and end. */
  readonly ids: readonly number[];
  readonly decoded: string;
}
const truths = JSON.parse(sharedFile('transformersjs_ground_truth.json')?.toString() ?? '{ "cases": [] }') as {
  cases: readonly GroundTruth[];
};
const names: Readonly<Record<string, readonly string[]>> = {
  gpt2: ['Xenova/gpt2', 'openai-community/gpt2'],
  bert_base_uncased: ['Xenova/bert-base-uncased'],
  cl100k_gpt35turbo: ['Xenova/gpt-4'],
  o200k_gpt4o: ['Xenova/gpt-4o'],
  claude: ['Xenova/claude-tokenizer'],
  llama3: ['Xenova/llama3-tokenizer'],
  qwen3: ['Xenova/Qwen1.5-0.5B-Chat'],
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

  const truth = truths.cases.filter((each) => names[tokenizer]?.includes(each.tokenizer));
  // BERT's own configuration takes spaces before punctuation out once more.
  const decoder = tokenizer.startsWith('bert') ? loadTokenizer(subject.toJSON(), { clean_up_tokenization_spaces: true }) : subject;
  const found = truth.map(({ text, ids, ...rest }) => ({
    ...rest,
    text,
    tokens: [...subject.encode(text, { addSpecialTokens: false }).ids].map((id) => subject.idToToken(id)),
    ids: [...subject.encode(text).ids],
    decoded: decoder.decode(ids),
  }));
  expect(found).toEqual(truth);
});
