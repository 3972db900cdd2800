import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { byteCharacters } from '../bytes.js';
import { loadTokenizer, TokenizerError } from '../index.js';
import type { Tokenizer } from '../tokenizer.js';
import { loadTiktoken, type TiktokenEncoding, type TiktokenOptions } from './index.js';

const ranksFolder = join(dirname(createRequire(import.meta.url).resolve('gpt-tokenizer/package.json')), 'data');
const files: Readonly<Record<string, string>> = { gpt2: 'r50k_base', p50k_edit: 'p50k_base', o200k_harmony: 'o200k_base' };
const load = (encoding: TiktokenEncoding) =>
  loadTiktoken(readFileSync(join(ranksFolder, `${files[encoding] ?? encoding}.tiktoken`)), { encoding });

interface Golden {
  readonly encoding: TiktokenEncoding;
  readonly cases: readonly { readonly text: string; readonly ids: number[]; readonly ids_all_special?: number[] }[];
}
const golden: { readonly encodings: readonly Golden[] } = JSON.parse(
  readFileSync(new URL('../goldens/tiktoken.json', import.meta.url), 'utf8'),
);

/** Any Unicode text, with what tokenizers find hard: white space, contractions, other scripts, emoji. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom(
        ' ',
        '\n',
        '\r\n',
        "'s",
        "'LL",
        'ſ',
        'hello',
        '数据',
        '删除',
        'の',
        '한국어',
        '👩🏾‍💻',
        '12345',
        '\u0301',
        '<|endoftext|>',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe.each(golden.encodings)('$encoding', ({ encoding, cases }) => {
  let tokenizer: Tokenizer;
  beforeAll(() => {
    tokenizer = load(encoding);
  });

  test(`has the ids of openai/tiktoken for all ${cases.length} texts, and decodes them back`, () => {
    for (const { text, ids, ids_all_special: special = ids } of cases) {
      expect([...tokenizer.encode(text).ids]).toEqual(ids);
      expect([...tokenizer.encode(text, { specialTokens: 'parse' }).ids]).toEqual(special);
      expect(tokenizer.decode(ids)).toBe(text);
    }
  });

  test('decode turns any text back, whole and streamed; offsets cover it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { ids, offsets } = tokenizer.encode(text, { offsets: true });
        expect(ids).toEqual(tokenizer.encode(text).ids);
        expect(tokenizer.decode(ids)).toBe(text);
        const stream = tokenizer.decodeStream();
        expect([...ids].map((id) => stream.push(id)).join('') + stream.flush()).toBe(text);
        let covered = 0;
        for (const [start, end] of offsets!) {
          expect(start).toBeLessThanOrEqual(covered);
          covered = end;
        }
        expect(covered).toBe(text.length);
      }),
      { numRuns: 200 },
    );
  });
});

describe('toJSON', () => {
  test.each(['gpt2', 'cl100k_base'] as const)('%s: a tokenizer.json with the same ids', (encoding) => {
    const tokenizer = load(encoding);
    const again = loadTokenizer(JSON.stringify(tokenizer.toJSON()), tokenizer.toConfigJSON());
    expect(again.vocabularySize).toBe(tokenizer.vocabularySize);
    for (const { text, ids, ids_all_special: special = ids } of golden.encodings.find((one) => one.encoding === encoding)!.cases)
      expect([...again.encode(text).ids]).toEqual(special);
  });
});

describe('special tokens', () => {
  test('are text by default, ids when parsed, and refused on request', () => {
    const tokenizer = load('cl100k_base');
    const text = 'a<|endoftext|>b';
    expect(tokenizer.encode(text).ids).not.toContain(100_257);
    expect([...tokenizer.encode(text, { specialTokens: 'parse' }).ids]).toEqual([64, 100_257, 65]);
    expect(() => tokenizer.encode(text, { specialTokens: 'refuse' })).toThrow(TokenizerError);
    expect(tokenizer.decode([64, 100_257, 65], { skipSpecialTokens: true })).toBe('ab');
    expect(tokenizer.isSpecial(100_257)).toBe(true);
    expect(tokenizer.vocabularySize).toBe(100_277);
    expect(() => tokenizer.decode([100_256])).toThrow(expect.objectContaining({ code: 'TOKENIZER_ID' }));
  });

  test('harmony names every id from 199998 to 201087', () => {
    const tokenizer = load('o200k_harmony');
    expect(tokenizer.vocabularySize).toBe(201_088);
    for (let id = 199_998; id < 201_088; id++) expect(tokenizer.idToToken(id)).toMatch(/^<\|\w+\|>$/);
    const names = ['startoftext', 'return', 'constrain', 'channel', 'start', 'end', 'message', 'call', 'reserved_201087'];
    const ids = [199_998, 200_002, 200_003, 200_005, 200_006, 200_007, 200_008, 200_012, 201_087];
    expect(names.map((name) => tokenizer.tokenToId(`<|${name}|>`))).toEqual(ids);
    // One id, two names.
    expect([...tokenizer.encode('<|endofprompt|><|reserved_200018|>', { specialTokens: 'parse' }).ids]).toEqual([200_018, 200_018]);
  });

  test('the encoding is known by the number of its tokens', () => {
    const file = readFileSync(join(ranksFolder, 'p50k_base.tiktoken'), 'utf8');
    expect(loadTiktoken(file).vocabularySize).toBe(50_281);
    expect(loadTiktoken(file, { encoding: 'p50k_edit' }).vocabularySize).toBe(50_284);
    expect(loadTiktoken(file).idToToken(220)).toBe('Ġ');
    expect(loadTiktoken(file).tokenToId('Ġthe')).toBe(262);
  });
});

const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
/** A file of all bytes, and then of these tokens. */
const fileOf = (...tokens: string[]) =>
  [...bytes, ...tokens.map((token) => Buffer.from(token))]
    .map((token, rank) => `${Buffer.from(token).toString('base64')} ${rank}`)
    .join('\n');

describe("a vocabulary of one's own", () => {
  const pattern = '\\p{L}+|\\P{L}';

  test('merges the pair of lowest rank, leftmost first', () => {
    const tokenizer = loadTiktoken(fileOf('ab', 'bc', 'abc', 'aa', '中文'), { pattern, specialTokens: { '<end>': 300 } });
    const tokens = (text: string) => [...tokenizer.encode(text).ids].map((id) => tokenizer.decode([id]));
    expect(tokens('abcbc')).toEqual(['abc', 'bc']);
    expect(tokens('aaa')).toEqual(['aa', 'a']);
    expect(tokens('中文')).toEqual(['中文']);
    // 中 alone is no token, so that only the whole word can be one.
    expect(tokenizer.encode('中文中').ids).toHaveLength(9);
    expect([...tokenizer.encode('a<end>', { specialTokens: 'parse' }).ids]).toEqual([97, 300]);
  });

  test('agrees with merging by hand, whatever the ranks are', () => {
    // Fragments of characters, tokens over their borders, and ranks in no order that training would give.
    const pieces = fc.array(fc.uint8Array({ minLength: 2, maxLength: 4 }), { maxLength: 6 });
    const words = fc.array(fc.constantFrom('中', '丮', '文', 'é', 'ê', 'a', 'b', '😀'), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(
        fc.array(words, { minLength: 2, maxLength: 12 }),
        pieces,
        fc.infiniteStream(fc.nat(12)),
        words,
        (seeds, odd, cuts, word) => {
          const found = new Map<string, Uint8Array>();
          for (const seed of seeds) {
            const utf8 = Buffer.from(seed.join(''));
            const start = cuts.next().value! % utf8.length;
            const token = utf8.subarray(start, start + 2 + (cuts.next().value! % 5));
            if (token.length > 1) found.set(token.toString('hex'), token);
          }
          for (const token of odd) found.set(Buffer.from(token).toString('hex'), token);
          const all = [...bytes, ...found.values()];
          const file = all.map((token, rank) => `${Buffer.from(token).toString('base64')} ${rank}`).join('\n');
          const ranks = new Map(all.map((token, rank) => [Buffer.from(token).toString('hex'), rank]));
          const tokenizer = loadTiktoken(file, { pattern: '[\\s\\S]+' });
          expect([...tokenizer.encode(word.join('')).ids]).toEqual(mergeByHand(Buffer.from(word.join('')), ranks));
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** openai/tiktoken's rule, written as simply as it can be. */
function mergeByHand(word: Buffer, ranks: ReadonlyMap<string, number>): number[] {
  const whole = ranks.get(word.toString('hex'));
  if (whole !== undefined) return [whole];
  const parts = [...word].map((byte) => Buffer.of(byte));
  for (;;) {
    let best = Number.POSITIVE_INFINITY;
    let at = -1;
    for (let i = 0; i + 1 < parts.length; i++) {
      const rank = ranks.get(Buffer.concat([parts[i]!, parts[i + 1]!]).toString('hex')) ?? Number.POSITIVE_INFINITY;
      if (rank < best) {
        best = rank;
        at = i;
      }
    }
    if (at < 0) return parts.map((part) => ranks.get(part.toString('hex'))!);
    parts.splice(at, 2, Buffer.concat([parts[at]!, parts[at + 1]!]));
  }
}

describe('bad input', () => {
  const good = fileOf();
  const options: TiktokenOptions = { pattern: '\\p{L}+' };
  test.each<[string, string | Uint8Array, RegExp]>([
    ['no base64', `${good}\nA*== 256`, /line 257 .*at byte \d+.*no base64/],
    ['base64 without its end', `${good}\nYW 256`, /line 257 .*no base64/],
    ['bits left over', `${good}\nYX== 256`, /line 257 .*no base64/],
    ['no rank', `${good}\nYWI= `, /line 257 .*no whole number/],
    ['a negative rank', `${good}\nYWI= -1`, /line 257 .*no whole number/],
    ['a fraction', `${good}\nYWI= 1.5`, /line 257 .*no whole number/],
    ['an empty token', `${good}\n 256`, /line 257 .*empty token/],
    ['a rank twice', `${good}\nYWI= 7`, /line 257 .*repeats the rank 7/],
    ['a token twice', `${good}\nYQ== 256`, /ranks 97 and 256 .*same token/],
    ['a rank far off', `${good}\nYWI= 4000000000`, /line 257 .*huge gaps/],
    ['a byte too few', good.slice(0, good.lastIndexOf('\n')), /no token for the byte 255/],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\n', /line 1 .*no base64/],
    ['nothing', '', /no token for the byte 0/],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0), /line 1/],
  ])('%s', (_, file, message) => {
    expect(() => loadTiktoken(file, options)).toThrow(
      expect.objectContaining({ code: 'TOKENIZER_FILE', message: expect.stringMatching(message) }),
    );
  });

  test.each<[string, TiktokenOptions, string, RegExp]>([
    ['an unknown number of tokens', {}, 'TOKENIZER_OPTIONS', /256 tokens/],
    ['another encoding', { encoding: 'cl100k_base' }, 'TOKENIZER_OPTIONS', /256 tokens, but cl100k_base has 100256/],
    ['an unknown encoding', { encoding: 'constructor' as never }, 'TOKENIZER_OPTIONS', /one of gpt2/],
    ['both encoding and pattern', { encoding: 'gpt2', pattern: 'a' }, 'TOKENIZER_OPTIONS', /both/],
    ['a special token with the rank of another', { pattern: 'a', specialTokens: { x: 5 } }, 'TOKENIZER_OPTIONS', /"x" has the id 5/],
    ['a special token without an id', { pattern: 'a', specialTokens: { x: -1 } }, 'TOKENIZER_OPTIONS', /"x" has the id -1/],
    ['a pattern that is no string', { pattern: /a/ as never }, 'TOKENIZER_OPTIONS', /pattern is an object/],
    ['a pattern without a translation', { pattern: '(a' }, 'TOKENIZER_UNSUPPORTED', /pattern/],
    ['too many bytes', { pattern: 'a', limits: { maximumBytes: 100 } }, 'TOKENIZER_FILE', /at most 100/],
  ])('%s', (_, wrong, code, message) => {
    expect(() => loadTiktoken(good, wrong)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  test('what is neither text nor bytes', () => {
    expect(() => loadTiktoken({} as never)).toThrow(expect.objectContaining({ code: 'TOKENIZER_INPUT' }));
  });

  test('any damage is a typed error, or a tokenizer', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.string({ unit: 'binary', maxLength: 6 }), fc.nat(20), (at, insert, cut) => {
        try {
          loadTiktoken(good.slice(0, at) + insert + good.slice(at + cut), options).encode('abc é 中');
        } catch (error) {
          expect(error).toBeInstanceOf(TokenizerError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('tokens that spell properties of objects are ordinary', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const tokenizer = loadTiktoken(fileOf(...names), {
      pattern: '\\w+',
      specialTokens: JSON.parse('{"__proto__x": 400, "hasOwnProperty": 401}'),
    });
    expect(names.map((name) => [...tokenizer.encode(name).ids])).toEqual([[256], [257], [258]]);
    expect([...tokenizer.encode('hasOwnProperty', { specialTokens: 'parse' }).ids]).toEqual([401]);
    expect(tokenizer.tokenToId('valueOf')).toBeUndefined();
    expect(byteCharacters.every((character, byte) => tokenizer.tokenToId(character) === byte)).toBe(true);
  });
});
