import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { loadTokenizer } from './load-tokenizer.js';

interface Golden {
  readonly cases: readonly {
    readonly text: string;
    readonly pair?: string;
    readonly ids: readonly number[];
    /** In code points: start, end, start, … */
    readonly offsets: readonly number[];
    readonly words: readonly number[];
    readonly types: readonly number[];
    /** Any ids, and what they decode to. */
    readonly decode: readonly number[];
    readonly decoded: string;
  }[];
}

const { vocabulary, documents } = JSON.parse(readFileSync(new URL('./goldens/hf-components.json', import.meta.url), 'utf8')) as {
  vocabulary: readonly string[];
  documents: readonly Golden[];
};
const model = {
  type: 'BPE',
  unk_token: '<unk>',
  fuse_unk: true,
  vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
  merges: [],
};

const codePoints = (text: string, unit: number) => [...text.slice(0, unit)].length;
const types = (value: unknown) =>
  JSON.stringify(value)
    .match(/"type":"\w+"/g)
    ?.map((type) => type.slice(8, -1))
    .join(' ');

test.each(documents.map(({ cases, ...document }, i) => [i, types(document) ?? '', document, cases] as const))(
  'document %i (%s) gives what huggingface/tokenizers gives',
  (_, __, document, cases) => {
    const tokenizer = loadTokenizer({ ...document, model });
    const results = cases.map(({ text, pair, decode }) => {
      const options = pair === undefined ? {} : { pair };
      const { ids, offsets, wordIds, typeIds, sequenceIds } = tokenizer.encode(text, { ...options, offsets: true });
      expect(tokenizer.encode(text, options).ids).toEqual(ids);
      const stream = tokenizer.decodeStream();
      expect(decode.map((id) => stream.push(id)).join('') + stream.flush()).toBe(tokenizer.decode(decode));
      return {
        text,
        ...options,
        ids: [...ids],
        offsets: offsets!.flatMap((range, i) => range.map((at) => codePoints(sequenceIds![i] === 1 ? pair! : text, at))),
        words: [...wordIds!],
        types: [...typeIds],
        decode,
        decoded: tokenizer.decode(decode),
      };
    });
    expect(results).toEqual(cases);
  },
);
