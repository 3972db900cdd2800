import { describe, expect, test } from '@jest/globals';
import { failure } from '../test/failure.js';
import { loadTokenizer as loadByteLevel } from './byte-level/index.js';
import { loadTokenizer } from './index.js';

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };

/** A tokenizer of three letters and one merge, with some fields replaced. */
function file(fields: Record<string, unknown> = {}, model: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: { type: 'BPE', vocab: { a: 0, b: 1, c: 2, ab: 3 }, merges: ['a b'], ...model },
    ...fields,
  };
}

describe('a component that is not known is named', () => {
  test.each([
    ['normalizer', file({ normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Nope' }] } }), 'normalizers[1]'],
    ['pre-tokenizer', file({ pre_tokenizer: { type: 'Nope' } }), 'pre_tokenizer'],
    ['post-processor', file({ post_processor: { type: 'Nope' } }), 'post_processor'],
    ['decoder', file({ decoder: { type: 'Nope' } }), 'decoder'],
    ['model', file({}, { type: 'Nope' }), 'model'],
  ])('%s', (what, document, place) => {
    const { code, message } = failure(() => loadTokenizer(document));
    expect(code).toBe('TOKENIZER_UNSUPPORTED');
    expect(message).toContain(`the ${what} "Nope"`);
    expect(message).toContain(place);
  });

  test.each([
    ['normalizer', 'Precompiled', file({ normalizer: { type: 'Precompiled' } })],
    ['pre-tokenizer', 'Metaspace', file({ pre_tokenizer: { type: 'Metaspace' } })],
    ['decoder', 'WordPiece', file({ decoder: { type: 'WordPiece' } })],
    ['model', 'Unigram', file({}, { type: 'Unigram' })],
  ])('the byte-level loader knows no %s %s', (what, name, document) => {
    const { code, message } = failure(() => loadByteLevel(document));
    expect(code).toBe('TOKENIZER_UNSUPPORTED');
    expect(message).toContain(`the ${what} "${name}"`);
  });

  test('the byte-level loader gives what the whole one gives', () => {
    const text = 'abcab';
    expect(loadByteLevel(file()).encode(text)).toEqual(loadTokenizer(file()).encode(text));
  });
});

describe('a damaged file is refused, and the place is named', () => {
  test.each<[string, unknown, string]>([
    ['no model', { ...file(), model: undefined }, 'model is undefined'],
    ['an array', [], 'tokenizer.json is an array'],
    ['a vocabulary that is a list', file({}, { vocab: ['a'] }), 'model.vocab'],
    ['a negative id', file({}, { vocab: { a: -1 } }), 'model.vocab.a is -1'],
    ['a fraction as id', file({}, { vocab: { a: 0.5 } }), 'model.vocab.a is 0.5'],
    ['two tokens with one id', file({}, { vocab: { a: 0, b: 0, ab: 1 } }), '"a" and "b" both have id 0'],
    ['an id far beyond the others', file({}, { vocab: { a: 0, b: 2_000_000_000 }, merges: [] }), 'huge gaps'],
    ['a merge of an unknown token', file({}, { merges: ['a b', 'a z'] }), 'model.merges[1] names "z"'],
    ['a merge whose result is unknown', file({}, { merges: ['b c'] }), 'names "bc"'],
    ['a merge of three', file({}, { merges: ['a b c'] }), 'model.merges[0]'],
    ['a merge that is a number', file({}, { merges: [7] }), 'model.merges[0]'],
    [
      'a template without the text',
      file({ post_processor: { type: 'TemplateProcessing', single: [], special_tokens: {} } }),
      'post_processor.single',
    ],
    ['a begin token that is not there', file({ post_processor: { type: 'BertProcessing', cls: ['x', 77], sep: ['a', 0] } }), 'the id 77'],
    ['dropout', file({}, { dropout: 0.1 }), 'model.dropout'],
    [
      'a replacement that would fill memory',
      file({ normalizer: { type: 'Replace', pattern: { String: 'a' }, content: 'b'.repeat(1e6) } }),
      'normalizer.content has 1000000',
    ],
    [
      'a prefix that would fill memory',
      file({ normalizer: { type: 'Prepend', prepend: 'b'.repeat(1e6) } }),
      'normalizer.prepend has 1000000',
    ],
  ])('%s', (_, document, place) => {
    const { code, message } = failure(() => loadTokenizer(document as Record<string, unknown>));
    expect(code).toBe('TOKENIZER_FILE');
    expect(message).toContain(place);
  });

  test('a file that is cut short, too deep, too large, or not UTF-8', () => {
    const text = JSON.stringify(file());
    const bytes = new TextEncoder().encode(text);
    const short = `tokenizer.json is not valid JSON: it is cut short at`;
    expect(failure(() => loadTokenizer(text.slice(0, -5))).message).toContain(`${short} character ${text.length - 5} (`);
    expect(failure(() => loadTokenizer(bytes.subarray(0, 20))).message).toContain(`${short} byte 20 (`);
    expect(failure(() => loadTokenizer(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x22, 0xe4))).message).toContain(`${short} byte 6 (`);
    expect(failure(() => loadTokenizer('<!DOCTYPE html><title>Don"t {</title>')).message).toContain('not valid JSON (');
    expect(failure(() => loadTokenizer('['.repeat(1_000_000))).message).toContain('deeper than 64 levels at character 64');
    expect(failure(() => loadTokenizer(new Uint8Array(100).fill(0x5b))).message).toContain('deeper than 64 levels at byte 64');
    expect(failure(() => loadTokenizer(text, undefined, { limits: { maximumBytes: 10 } })).message).toContain('at most 10');
    expect(failure(() => loadTokenizer(Uint8Array.of(0x22, 0xff, 0x22))).message).toContain('not valid JSON');
    const endless: Record<string, unknown> = { type: 'Sequence' };
    endless.normalizers = [endless];
    expect(failure(() => loadTokenizer(file({ normalizer: endless }))).message).toContain('nested too deep');
  });
});

test('a byte order mark before the JSON is skipped, in text as in bytes', () => {
  const marked = `\ufeff${JSON.stringify(file())}`;
  const config = '\ufeff{"model_max_length": 7}';
  expect(loadTokenizer(marked, config).modelMaxLength).toBe(7);
  expect([...loadTokenizer(new TextEncoder().encode(marked)).encode('ab').ids]).toEqual([3]);
  expect(failure(() => loadTokenizer(`\ufeff${marked}`)).code).toBe('TOKENIZER_FILE');
});

describe('odd tokens are ordinary', () => {
  test('tokens named __proto__, constructor and toString', () => {
    const text = JSON.stringify(file({ added_tokens: [{ id: 5, content: 'constructor', special: true }] })).replace(
      '"a":0',
      '"a":0,"__proto__":4,"toString":6',
    );
    const tokenizer = loadTokenizer(text);
    expect(tokenizer.tokenToId('__proto__')).toBe(4);
    expect(tokenizer.tokenToId('hasOwnProperty')).toBeUndefined();
    expect([...tokenizer.encode('abconstructor').ids]).toEqual([3, 5]);
    expect(tokenizer.decode([4, 6, 5])).toBe('__proto__toStringconstructor');
    expect(JSON.stringify(tokenizer.toJSON())).toContain('"__proto__":4');
  });

  test('an added token that the model has keeps the id of the model, as in the original', () => {
    const tokenizer = loadTokenizer(file({ added_tokens: [{ id: 9, content: 'ab', special: true }] }));
    expect([...tokenizer.encode('cab').ids]).toEqual([2, 3]);
    expect(tokenizer.isSpecial(3)).toBe(true);
  });

  test('merges as pairs are written as strings', () => {
    const json = loadTokenizer(file({}, { merges: [['a', 'b']] })).toJSON() as { model: { merges: unknown } };
    expect(json.model.merges).toEqual(['a b']);
  });
});

describe('options and input', () => {
  const tokenizer = loadTokenizer(file({ post_processor: { type: 'BertProcessing', cls: ['a', 0], sep: ['b', 1] } }), { pad_token: 'c' });

  test.each<[string, () => unknown, string]>([
    ['a number as text', () => tokenizer.encode(3 as never), 'TOKENIZER_INPUT'],
    ['an array as text', () => tokenizer.encode(['a'] as never), 'TOKENIZER_INPUT'],
    ['a text as batch', () => tokenizer.encodeBatch('a' as never), 'TOKENIZER_INPUT'],
    ['a null in a batch', () => tokenizer.encodeBatch(['a', null as never]), 'TOKENIZER_INPUT'],
    ['an id beyond the vocabulary', () => tokenizer.decode([4]), 'TOKENIZER_ID'],
    ['a fraction as id', () => tokenizer.decode([0.5]), 'TOKENIZER_ID'],
    ['a negative id', () => tokenizer.decode([-1]), 'TOKENIZER_ID'],
    ['no room for begin and end', () => tokenizer.encode('a', { truncation: true, maxLength: 1 }), 'TOKENIZER_OPTIONS'],
    ['a truncation that is not known', () => tokenizer.encode('a', { truncation: 'head' as never }), 'TOKENIZER_OPTIONS'],
    ['special tokens that are not known', () => tokenizer.encode('a', { specialTokens: 'skip' as never }), 'TOKENIZER_OPTIONS'],
    ['a stride without a way forward', () => tokenizer.encode('a', { truncation: true, maxLength: 4, stride: 2 }), 'TOKENIZER_OPTIONS'],
    ['half a pair in a batch', () => tokenizer.encodeBatch([['a']] as never), 'TOKENIZER_INPUT'],
    ['a length that is no number', () => tokenizer.encode('a', { maxLength: Number.NaN }), 'TOKENIZER_OPTIONS'],
    ["padding: 'max' without a length", () => tokenizer.encodeBatch(['a'], { padding: 'max' }), 'TOKENIZER_OPTIONS'],
    ['rows of several lengths without padding', () => tokenizer.encodeBatch(['a', 'cc'], { padding: false }), 'TOKENIZER_OPTIONS'],
    ['padding without a padding token', () => loadTokenizer(file()).encodeBatch(['a', 'cc']), 'TOKENIZER_OPTIONS'],
    ['a batch too large for memory', () => tokenizer.encodeBatch(['a'], { padding: 'max', maxLength: 2 ** 30 }), 'TOKENIZER_OPTIONS'],
    ['a text longer than maxLength', () => tokenizer.encode('cccc', { maxLength: 5 }), 'TOKENIZER_TOO_LONG'],
  ])('%s throws a typed error', (_, run, code) => {
    expect(failure(run).code).toBe(code);
  });

  test('truncation keeps begin and end; the side comes from the files', () => {
    expect([...tokenizer.encode('cabc', { truncation: true, maxLength: 4 }).ids]).toEqual([0, 2, 3, 1]);
    expect([...tokenizer.encode('cabc', { truncation: 'tail', maxLength: 4 }).ids]).toEqual([0, 2, 3, 2]);
    const left = loadTokenizer(file(), { truncation_side: 'left', padding_side: 'left', pad_token: 'c', model_max_length: 2 });
    expect([...left.encode('cabc', { truncation: true }).ids]).toEqual([3, 2]);
    expect([...left.encodeBatch(['ab', 'abc']).ids.data]).toEqual([2, 3, 3, 2]);
  });

  test('padding and truncation of the tokenizer.json are what encodeBatch does by default', () => {
    const fixed = loadTokenizer(
      file({
        truncation: { max_length: 3, strategy: 'LongestFirst', stride: 0, direction: 'Right' },
        padding: { strategy: { Fixed: 3 }, direction: 'Left', pad_id: 2, pad_type_id: 0, pad_token: 'c', pad_to_multiple_of: 4 },
      }),
    );
    const { ids, attentionMask } = fixed.encodeBatch(['ab', 'aaaaaa']);
    expect(ids.dims).toEqual([2, 4]);
    expect([...ids.data]).toEqual([2, 2, 2, 3, 2, 0, 0, 0]);
    expect([...attentionMask.data]).toEqual([0, 0, 0, 1, 0, 1, 1, 1]);
  });

  test('special tokens in the text are ids, text, or refused, as the caller says', () => {
    const marked = loadTokenizer(file({ added_tokens: [{ id: 7, content: 'ca', special: true }] }));
    expect([...marked.encode('bcab').ids]).toEqual([1, 7, 1]);
    expect([...marked.encode('bcab', { specialTokens: 'text' }).ids]).toEqual([1, 2, 3]);
    expect(failure(() => marked.encode('bcab', { specialTokens: 'refuse' }))).toMatchObject({ code: 'TOKENIZER_INPUT' });
    expect([...marked.encode('bcb', { specialTokens: 'refuse' }).ids]).toEqual([1, 2, 1]);
  });

  test('a batch of pairs has types, and offsets when asked', () => {
    const pairs = tokenizer.encodeBatch([['a', 'cc'], 'b'], { offsets: true });
    expect(pairs.ids.dims).toEqual([2, 6]);
    expect([...pairs.typeIds!.data]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
    expect(pairs.offsets![0]).toEqual([
      [0, 0],
      [0, 1],
      [0, 0],
      [0, 1],
      [1, 2],
      [0, 0],
    ]);
    expect(pairs.offsets![1]).toEqual([
      [0, 0],
      [0, 1],
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  test('a batch can be padded on the other side, to a multiple, and give what overflows', () => {
    const left = tokenizer.encodeBatch(['ab', 'c'], { paddingSide: 'left', multipleOf: 4, addSpecialTokens: false });
    expect([...left.ids.data]).toEqual([2, 2, 2, 3, 2, 2, 2, 2]);
    expect([...left.attentionMask.data]).toEqual([0, 0, 0, 1, 0, 0, 0, 1]);
    const parts = tokenizer.encodeBatch(['ccccc', 'a'], { truncation: true, maxLength: 5, stride: 1, overflow: true });
    expect([...parts.sampleIndex!]).toEqual([0, 0, 1]);
    expect([...parts.ids.data]).toEqual([0, 2, 2, 2, 1, 0, 2, 2, 2, 1, 0, 0, 1, 2, 2]);
  });

  test('a fixed padding of the tokenizer.json is a least length, unless the caller says how to pad', () => {
    const padding = { strategy: { Fixed: 6 }, direction: 'Right', pad_id: 2, pad_type_id: 0, pad_token: 'c', pad_to_multiple_of: null };
    const fixed = loadTokenizer(file({ padding }));
    expect(fixed.encodeBatch(['ab']).ids.dims).toEqual([1, 6]);
    expect(fixed.encodeBatch(['cacacacac']).ids.dims).toEqual([1, 9]);
    expect(fixed.encodeBatch(['ab'], { padding: 'longest' }).ids.dims).toEqual([1, 1]);
    expect(failure(() => loadTokenizer(file({ padding: { ...padding, strategy: 'Bogus' } }))).message).toContain('padding.strategy');
  });

  test('a promise, a response and the like are no files', () => {
    for (const wrong of [Promise.resolve(file()), new URL('http://localhost/'), new Date(0), new DataView(new ArrayBuffer(8))]) {
      expect(failure(() => loadTokenizer(wrong)).code).toBe('TOKENIZER_INPUT');
      expect(failure(() => loadTokenizer(file(), wrong)).code).toBe('TOKENIZER_INPUT');
    }
    const bytes = new TextEncoder().encode(JSON.stringify(file()));
    expect(loadTokenizer(bytes.buffer).encode('ab').ids).toHaveLength(1);
  });

  test('an empty batch is empty', () => {
    expect(tokenizer.encodeBatch([]).ids).toEqual({ type: 'int32', dims: [0, 0], data: new Int32Array(0) });
  });
});
