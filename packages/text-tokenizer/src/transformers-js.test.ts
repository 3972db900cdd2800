import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadInTransformers, type Peers, peerNames } from '../test/transformers-js.js';
import { type Tokenizer, trainTokenizer } from './index.js';

const english = [
  'a red heart',
  'grinning face with smiling eyes',
  'something to eat for breakfast',
  'flag: United States',
  "man's shoe",
  'keycap 10',
];
const chinese = ['红心', '下雨天', '早餐吃的东西', '微笑的眼睛', '旗：中国', '繁體中文測試'];
const texts = [
  ...english,
  ...chinese,
  '',
  ' ',
  '❤️ red HEART 👩🏾‍💻',
  'ＦＵＬＬ ｗｉｄｔｈ １２３ ㈱ ﬁ',
  "I've got   two spaces, don't I?  ",
  'line\nbreak\tand tab',
  'Straße İstanbul ÅÉ naïve',
  '<|startoftext|>typed<|endoftext|>',
  'a very long caption '.repeat(40),
  '很长的标题'.repeat(60),
];

interface Encoded {
  readonly input_ids: readonly (readonly number[])[];
  readonly attention_mask: readonly (readonly number[])[];
}
type Call = (texts: readonly string[], options: object) => Encoded;

let ours: Tokenizer;
let peers: Peers<Call & { decode(ids: readonly number[], options: object): string }>;

beforeAll(async () => {
  ours = await trainTokenizer([...english, ...chinese, ...english, ...chinese], {
    kind: 'byte-level-bpe',
    vocabularySize: 400,
    normalizer: ['NFKC', 'Lowercase'],
    specialTokens: { padding: '<|padding|>', begin: '<|startoftext|>', end: '<|endoftext|>' },
    modelMaxLength: 32,
  });
  peers = await loadInTransformers(ours);
});

const rows = ({ dims, data }: { dims: readonly number[]; data: Int32Array }) =>
  Array.from({ length: dims[0]! }, (_, i) => [...data.subarray(i * dims[1]!, (i + 1) * dims[1]!)]);

describe.each(peerNames)('%s loads a trained tokenizer.json', (peer) => {
  test('with the same ids, padding and mask', () => {
    const { ids, attentionMask } = ours.encodeBatch(texts);
    const theirs = peers[peer](
      texts.filter((text) => ours.encode(text).ids.length <= 32),
      { padding: true, return_tensor: false },
    );
    const short = ours.encodeBatch(texts.filter((text) => ours.encode(text).ids.length <= 32));
    expect(theirs.input_ids).toEqual(rows(short.ids));
    expect(theirs.attention_mask).toEqual(rows(short.attentionMask));
    // Their padding stops at model_max_length, so long texts are compared one by one.
    texts.forEach((text, i) => {
      const [alone] = peers[peer]([text], { return_tensor: false }).input_ids;
      const length = rows(attentionMask)[i]!.reduce((sum, one) => sum + one, 0);
      expect(rows(ids)[i]!.slice(0, length)).toEqual(alone);
    });
  });

  test("with the same ids when cut: truncation 'tail' is theirs, which loses the end token that ours keeps by default", () => {
    const theirs = peers[peer](texts, { padding: true, truncation: true, max_length: 32, return_tensor: false });
    const tail = ours.encodeBatch(texts, { padding: 'longest', truncation: 'tail', maxLength: 32 });
    expect(rows(tail.ids)).toEqual(theirs.input_ids);
    expect(rows(tail.attentionMask)).toEqual(theirs.attention_mask);
    const kept = rows(ours.encodeBatch(texts, { truncation: true }).ids);
    expect(kept.at(-1)).toEqual([...tail.ids.data.slice(-32, -1), ours.vocabularySize - 1]);
  });

  test('with the same decoded text', () => {
    for (const text of texts) {
      const ids = [...ours.encode(text).ids];
      expect(peers[peer].decode(ids, { skip_special_tokens: true })).toBe(ours.decode(ids, { skipSpecialTokens: true }));
    }
  });
});
