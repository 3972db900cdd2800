import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadInTransformers, type Peers, peerNames } from '../../test/transformers-js.js';
import type { Tokenizer } from '../tokenizer.js';
import { type TrainOptions, trainTokenizer } from './train-tokenizer.js';

const lines = [
  'a red heart and a red apple',
  'the cat sat on the mat, and the dog did not',
  "it's something to eat for breakfast",
  'flag: United States (1776)',
  '红心，红苹果，下雨天',
  '早餐吃的东西，微笑的眼睛',
  'naïve café, crème brûlée',
].flatMap((line) => [line, line, line.toUpperCase()]);
const texts = [
  ...lines,
  '',
  ' ',
  '  two  spaces  ',
  '❤️ red HEART ☃ 👩🏾‍💻',
  'ＦＵＬＬ ｗｉｄｔｈ １２３ ㈱ ﬁ',
  'line\nbreak\tand tab',
  'Straße İstanbul ÅÉ naïve',
  'typed </s> <unk> [SEP] <0x41> ▁ ##s',
  'a very long caption '.repeat(40),
  '很长的标题'.repeat(60),
];

const cases: readonly (readonly [name: string, options: TrainOptions])[] = [
  [
    'sentencepiece-bpe',
    {
      kind: 'sentencepiece-bpe',
      vocabularySize: 450,
      characterCoverage: 0.98,
      specialTokens: { begin: '<s>', end: '</s>', padding: '<pad>' },
    },
  ],
  ['sentencepiece-bpe without bytes', { kind: 'sentencepiece-bpe', vocabularySize: 200, byteFallback: false, collapseSpaces: true }],
  [
    'unigram',
    {
      kind: 'unigram',
      vocabularySize: 180,
      characterCoverage: 0.98,
      specialTokens: { end: '</s>', padding: '<pad>', additional: ['<extra>'] },
      specialIds: { padding: 0, end: 1, unknown: 2 },
    },
  ],
  ['wordpiece', { kind: 'wordpiece', vocabularySize: 240 }],
  ['wordpiece with case', { kind: 'wordpiece', vocabularySize: 240, lowercase: false, specialTokens: { additional: ['[USER]'] } }],
];

interface Peer {
  (text: string, options: object): { readonly input_ids: readonly number[] };
  decode(ids: readonly number[], options: object): string;
}

describe.each(cases)('%s', (_, options) => {
  let ours: Tokenizer;
  let peers: Peers<Peer>;

  beforeAll(async () => {
    ours = await trainTokenizer(lines, options);
    peers = await loadInTransformers(ours);
  });

  test.each(peerNames)('has the same ids and decoded text in %s', (peer) => {
    for (const text of texts) {
      const ids = [...ours.encode(text).ids];
      expect([text, [...peers[peer](text, { return_tensor: false }).input_ids]]).toEqual([text, ids]);
      // They refuse to decode nothing.
      if (ids.length > 0) {
        expect([text, peers[peer].decode(ids, { skip_special_tokens: true })]).toEqual([
          text,
          ours.decode(ids, { skipSpecialTokens: true }),
        ]);
      }
    }
  });
});
