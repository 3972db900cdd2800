import { describe, expect, test } from '@jest/globals';
import { failure } from '../test/failure.js';
import { loadTokenizer, type Tokenizer, TokenizerError, tokenizerPlugin } from './index.js';

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };

/** a, b, c, ab; texts are [A] text [/A], pairs [A] text [/A] pair [/A]. */
function load(fields: Record<string, unknown> = {}, config: Record<string, unknown> = {}): Tokenizer {
  return loadTokenizer(
    {
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: { type: 'BertProcessing', cls: ['a', 0], sep: ['b', 1] },
      decoder: byteLevel,
      model: { type: 'BPE', vocab: { a: 0, b: 1, c: 2, ab: 3 }, merges: ['a b'] },
      ...fields,
    },
    { pad_token: 'c', ...config },
  );
}

const tokenizer = load();
const cutToFive = { truncation: { max_length: 5, strategy: 'LongestFirst', stride: 2, direction: 'Right' } };
const toFive = { padding: { strategy: { Fixed: 5 }, direction: 'Right', pad_id: 2, pad_type_id: 0, pad_token: 'c' } };

async function rejection(promise: Promise<unknown>): Promise<{ code: string }> {
  const error = await promise.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(TokenizerError);
  return error as TokenizerError;
}

describe('decode takes ids and nothing else', () => {
  const { ids } = tokenizer.encodeBatch(['ab']);
  test.each<[string, unknown, RegExp]>([
    ['a text', '0', /given "0"/],
    ['a number', 5, /given 5/],
    ['nothing', undefined, /undefined/],
    ['null', null, /null/],
    ['a set', new Set([0]), /an object/],
    ['a tensor', ids, /Of a tensor pass ids\.data, row by row/],
    ['an encoding', tokenizer.encode('ab'), /Pass its ids/],
    ['a function', (a: number) => a, /a function/],
  ])('%s', (_, given, message) => {
    const error = failure(() => tokenizer.decode(given as never));
    expect(error.code).toBe('TOKENIZER_INPUT');
    expect(error.message).toMatch(message);
  });

  test.each<[unknown, string]>([
    [null, 'null'],
    ['', '""'],
    ['0', '"0"'],
    [true, 'true'],
    [[0], 'an array of 1'],
    [Symbol('id'), 'a symbol'],
    [undefined, 'undefined'],
    [9n, '9'],
    [-1n, '-1'],
    [Number.NaN, 'NaN'],
  ])('%p is no id', (id, shown) => {
    for (const run of [() => tokenizer.decode([0, id] as never), () => tokenizer.decodeStream().push(id as never)]) {
      const { code, message } = failure(run);
      expect(code).toBe('TOKENIZER_ID');
      expect(message).toContain(`is ${shown}, but`);
    }
  });

  test('numbers and bigints, in arrays of any kind', () => {
    for (const ids of [[0, 3], [0n, 3n], Int32Array.of(0, 3), BigInt64Array.of(0n, 3n), { length: 2, 0: 0, 1: 3 }])
      expect(tokenizer.decode(ids)).toBe('aab');
  });
});

test('tokens are known by numbers and bigints alone', () => {
  const marked = load({ added_tokens: [{ id: 7, content: '<x>', special: true }] });
  for (const id of [7, 7n]) expect([marked.idToToken(id), marked.isSpecial(id)]).toEqual(['<x>', true]);
  for (const id of ['7', 'length', [7], null, undefined, 5, 8, -1, 0.5] as never[])
    expect([marked.idToToken(id), marked.isSpecial(id)]).toEqual([undefined, false]);
});

describe('options that cannot be meant are refused, as values of any type', () => {
  const calls: readonly [string, (options: never) => unknown][] = [
    ['encode', (options) => tokenizer.encode('abc', options)],
    ['encodeBatch', (options) => tokenizer.encodeBatch(['abc', 'c'], options)],
    ['pad', (options) => tokenizer.pad([Int32Array.of(1)], options)],
    ['tokenizerPlugin', (options) => tokenizerPlugin(tokenizer, { name: '@acme/x', ...(options as object) })],
  ];
  const wrong: readonly Record<string, unknown>[] = [
    ...[0, Number.NaN, -8, 2.5, '8', null, Number.POSITIVE_INFINITY].map((multipleOf) => ({ multipleOf })),
    ...[0, -1, 2.5, '5', null, Number.NaN].map((maxLength) => ({ maxLength })),
    ...[-1, 0.5, null, Number.NaN].map((stride) => ({ stride })),
    ...['max_length', true, null, 'MAX'].map((padding) => ({ padding })),
    ...['LEFT', true, null].map((paddingSide) => ({ paddingSide })),
    ...['addSpecialTokens', 'overflow', 'offsets'].flatMap((name) => [null, 'yes', 0].map((value) => ({ [name]: value }))),
    ...['longest_first', null].map((truncation) => ({ truncation })),
    ...['skip', null, true].map((specialTokens) => ({ specialTokens })),
  ];
  test.each(calls)('%s', (_, call) => {
    for (const options of wrong) {
      const { code, message } = failure(() => call(options as never));
      expect([options, code]).toEqual([options, 'TOKENIZER_OPTIONS']);
      expect(message).toContain(Object.keys(options)[0]);
    }
  });

  test("Python's names of the paddings are told ours", () => {
    expect(failure(() => tokenizer.encodeBatch(['a'], { padding: true as never })).message).toContain("Pass padding: 'longest'.");
    expect(failure(() => tokenizer.encodeBatch(['a'], { padding: 'max_length' as never })).message).toContain("Pass padding: 'max'.");
  });

  test.each<[string, () => unknown]>([
    ['encode', () => tokenizer.encode('a', null as never)],
    ['encodeBatch', () => tokenizer.encodeBatch(['a'], null as never)],
    ['decode', () => tokenizer.decode([0], null as never)],
    ['decode with a text for a flag', () => tokenizer.decode([0], { skipSpecialTokens: 'no' as never })],
    ['decodeStream', () => tokenizer.decodeStream(null as never)],
    ['pad', () => tokenizer.pad([], null as never)],
    ['a number', () => tokenizer.encode('a', 5 as never)],
    ['tokenizerPlugin', () => tokenizerPlugin(tokenizer, null as never)],
    ['tokenizerPlugin without options', () => (tokenizerPlugin as (of: Tokenizer) => unknown)(tokenizer)],
    ['tokenizerPlugin without a name', () => tokenizerPlugin(tokenizer, {} as never)],
  ])('options that are null, or missing: %s', (_, run) => {
    expect(failure(run).code).toBe('TOKENIZER_OPTIONS');
  });

  test('options of unusual names are ignored', () => {
    expect([...tokenizer.encode('ab', JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}')).ids]).toEqual([0, 3, 1]);
  });
});

describe('undefined is absent', () => {
  const nothing = {
    truncation: undefined,
    maxLength: undefined,
    stride: undefined,
    padding: undefined,
    paddingSide: undefined,
    multipleOf: undefined,
    addSpecialTokens: undefined,
    specialTokens: undefined,
    overflow: undefined,
    offsets: undefined,
  };
  const fixed = load({ ...cutToFive, ...toFive });

  test('in encodeBatch, encode and pad', () => {
    expect(fixed.encodeBatch(['cccccc', 'ab'], nothing)).toEqual(fixed.encodeBatch(['cccccc', 'ab']));
    expect(fixed.encodeBatch(['cccccc'], nothing).ids.dims).toEqual([1, 5]);
    expect(fixed.encode('cccccc', { ...nothing, pair: undefined })).toEqual(fixed.encode('cccccc'));
    expect(fixed.pad([Int32Array.of(1)], nothing).ids.dims).toEqual([1, 5]);
    expect(fixed.decode([0], { skipSpecialTokens: undefined })).toBe('a');
  });

  test('in the plugin', async () => {
    const [part] = tokenizerPlugin(fixed, { name: '@acme/x', version: undefined, ...nothing }).parts;
    expect(await part.encode(['cccccc'])).toEqual(fixed.encodeBatch(['cccccc']));
  });
});

describe('pad and the plugin do what encodeBatch does', () => {
  const texts = ['ab', 'cccccc', ''];
  const cases: readonly [string, Tokenizer, Parameters<Tokenizer['encodeBatch']>[1]][] = [
    ['what the file asks for', load({ ...cutToFive, ...toFive }), {}],
    ['offsets on the left', tokenizer, { offsets: true, paddingSide: 'left', multipleOf: 4 }],
    ["'max', truncated to the model", load({}, { model_max_length: 6 }), { padding: 'max', truncation: true }],
    ["'max', truncated to the length", tokenizer, { padding: 'max', truncation: true, maxLength: 4, multipleOf: 3 }],
    ['no special tokens', tokenizer, { addSpecialTokens: false }],
    ['types', load({ ...toFive }), { offsets: true }],
  ];
  test.each(cases)('%s', async (_, of, options) => {
    const expected = of.encodeBatch(texts, options);
    const [part] = tokenizerPlugin(of, { name: '@acme/x', ...options }).parts;
    expect(await part.encode(texts)).toEqual(expected);
    const rows = texts.map((text) => {
      const { ids, typeIds, attentionMask, ...rest } = of.encodeBatch([text], { ...options, padding: 'longest', multipleOf: 1 });
      return {
        ids: ids.data,
        ...(typeIds && { typeIds: typeIds.data }),
        ...(rest.offsets && {
          offsets: rest.offsets[0]!,
          wordIds: rest.wordIds![0]!,
          sequenceIds: rest.sequenceIds![0]!,
        }),
      };
    });
    expect(of.pad(rows, options)).toEqual(expected);
  });

  test("a text that is too long for padding: 'max'", async () => {
    const six = load({}, { model_max_length: 6 });
    const [part] = tokenizerPlugin(six, { name: '@acme/x', padding: 'max' }).parts;
    expect(failure(() => six.encodeBatch(['ccccccc'], { padding: 'max' })).code).toBe('TOKENIZER_TOO_LONG');
    expect((await rejection(part.encode(['ccccccc']))).code).toBe('TOKENIZER_TOO_LONG');
    const long = failure(() => six.pad([Int32Array.of(1), new Int32Array(7)], { padding: 'max' }));
    expect(long.code).toBe('TOKENIZER_TOO_LONG');
    expect(long.message).toContain('row 1 has 7 ids, but at most 6 fit');
    expect(six.pad([new Int32Array(7)]).ids.dims).toEqual([1, 7]);
  });

  test.each<[string, unknown]>([
    ['numbers', [5]],
    ['a text', 'abc'],
    ['bigints', [{ ids: [1n] }]],
    ['fractions', [[1.5]]],
    ['texts in a row', [['x']]],
    ['null', [null]],
    ['a row of null', [{ ids: null }]],
    ['an id beyond 32 bits', [[2 ** 31]]],
    ['types of another length', [{ ids: [1], typeIds: [0, 0] }]],
    ['offsets of another length', [{ ids: [1], offsets: [] }]],
    ['no array', { length: 1 }],
    ['nothing', undefined],
  ])('pad refuses %s', (_, rows) => {
    expect(failure(() => tokenizer.pad(rows as never)).code).toBe('TOKENIZER_INPUT');
  });

  test('pad takes bare ids and rows of numbers', () => {
    expect([...tokenizer.pad([Int32Array.of(1), [-100, 3] as never, { ids: Int32Array.of(0) }]).ids.data]).toEqual([1, 2, -100, 3, 0, 2]);
  });
});

describe('pairs', () => {
  test('need room for all of their special tokens', () => {
    const options = { truncation: true, maxLength: 2 } as const;
    expect([...tokenizer.encode('c', options).ids]).toEqual([0, 1]);
    expect(failure(() => tokenizer.encode('c', { ...options, pair: 'c' })).code).toBe('TOKENIZER_OPTIONS');
    expect(failure(() => tokenizer.encodeBatch([['c', 'c']], options)).code).toBe('TOKENIZER_OPTIONS');
    expect([...tokenizer.encode('c', { ...options, maxLength: 3, pair: 'c' }).ids]).toEqual([0, 1, 1]);
  });

  test('share fewer ids than they have room for', () => {
    const options = { truncation: 'only-first', maxLength: 6, overflow: true } as const;
    expect(failure(() => tokenizer.encode('cccccc', { ...options, stride: 3, pair: 'c' })).message).toContain('room for 3 ids');
    expect(tokenizer.encode('cccccc', { ...options, stride: 3 }).overflowing).toHaveLength(2);
  });
});

test('a stride is of no account where nothing is truncated', () => {
  expect([...tokenizer.encode('cc', { stride: 5 }).ids]).toEqual([0, 2, 2, 1]);
  expect([...load(cutToFive).encodeBatch(['cc'], { truncation: false }).ids.data]).toEqual([0, 2, 2, 1]);
});

test('batches with offsets tell words and sequences, -1 where there is padding', () => {
  const left = tokenizer.encodeBatch([['a', 'ba'], 'b'], { offsets: true, paddingSide: 'left' });
  expect(left.sequenceIds!.map((row) => [...row])).toEqual([
    [-1, 0, -1, 1, 1, -1],
    [-1, -1, -1, -1, 0, -1],
  ]);
  expect(left.wordIds!.map((row) => [...row])).toEqual([
    [-1, 0, -1, 0, 0, -1],
    [-1, -1, -1, -1, 0, -1],
  ]);
  const right = tokenizer.encodeBatch(['ab c', 'b'], { offsets: true, addSpecialTokens: false });
  expect(right.wordIds!.map((row) => [...row]).at(-1)).toEqual([0, -1]);
  expect(right.sequenceIds!.map((row) => [...row]).at(-1)).toEqual([0, -1]);
  expect(tokenizer.encodeBatch(['a'])).not.toHaveProperty('wordIds');
});
