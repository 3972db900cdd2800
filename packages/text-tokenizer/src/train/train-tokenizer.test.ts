import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TokenizerError, trainTokenizer } from '../index.js';

const merges = (tokenizer: { toJSON(): Readonly<Record<string, unknown>> }) => (tokenizer.toJSON().model as { merges: string[] }).merges;

describe('trainTokenizer', () => {
  test('merges the most frequent pair first, ties to the smaller ids', async () => {
    // Worked by hand. Words: 'low' ×2, 'lower' ×1, 'newest' ×3, 'widest' ×1 (each line one word).
    // e,s 4 · s,t 4 · n,e 3 · e,w 3 · w,e 4 (lower, newest ×3) · l,o 3 · o,w 3 → e,s (e < s, w), then es,t …
    const tokenizer = await trainTokenizer(['low', 'low', 'lower', 'newest', 'newest', 'newest', 'widest'], {
      kind: 'byte-level-bpe',
      vocabularySize: 256 + 7,
    });
    // After e,s: es,t 4; w,es 3; n,e 3; e,w 3; l,o 3; o,w 3; w,e 1. After es,t: e,w (e is smallest) 3 → ew,est 3, n,ew 3.
    expect(merges(tokenizer)).toEqual(['e s', 'es t', 'e w', 'l o', 'n ew', 'lo w', 'new est']);
    expect([...tokenizer.encode('lowest newest').ids].map((id) => tokenizer.idToToken(id))).toEqual(['low', 'est', 'Ġ', 'newest']);
  });

  test('puts the padding first, begin and end last, and begin and end around every text', async () => {
    const tokenizer = await trainTokenizer(['a red heart', 'a red cat', '下雨天', '下雨'], {
      kind: 'byte-level-bpe',
      vocabularySize: 280,
      normalizer: ['NFKC', 'Lowercase'],
      specialTokens: { padding: '<|padding|>', begin: '<|startoftext|>', end: '<|endoftext|>' },
    });
    expect(tokenizer.tokenToId('<|padding|>')).toBe(0);
    expect(tokenizer.paddingId).toBe(0);
    expect(tokenizer.tokenToId('<|endoftext|>')).toBe(tokenizer.vocabularySize - 1);
    const ids = [...tokenizer.encode('Ａ RED heart 下雨').ids];
    expect(ids[0]).toBe(tokenizer.vocabularySize - 2);
    expect(ids.at(-1)).toBe(tokenizer.vocabularySize - 1);
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe('a red heart 下雨');
  });

  test('gives the same tokenizer from an array and from an async generator', async () => {
    const lines = Array.from({ length: 1500 }, (_, i) => `line ${i * 7919} of ${i % 13} 猫${i % 5}狗`);
    async function* stream() {
      yield* lines;
    }
    const options = { kind: 'byte-level-bpe', vocabularySize: 500 } as const;
    expect((await trainTokenizer(stream(), options)).toJSON()).toEqual((await trainTokenizer(lines, options)).toJSON());
  });

  test('reports progress, and stops when told to', async () => {
    const stages = new Set<string | undefined>();
    const lines = Array.from({ length: 2000 }, (_, i) => `word${i} other${i % 100}`);
    await trainTokenizer(lines, { kind: 'byte-level-bpe', vocabularySize: 400, onProgress: ({ stage }) => stages.add(stage) });
    expect([...stages]).toEqual(['counting words', 'learning merges']);
    const abort = new AbortController();
    const stopped = trainTokenizer(lines, {
      kind: 'byte-level-bpe',
      vocabularySize: 400,
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
  });

  test('round trips any well-formed string', async () => {
    const tokenizer = await trainTokenizer(['the cat sat on the mat', '猫坐在垫子上', '🐱🐱👨‍👩‍👧'], {
      kind: 'byte-level-bpe',
      vocabularySize: 300,
      minimumCount: 1,
    });
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => tokenizer.decode(tokenizer.encode(text).ids) === text),
      { numRuns: 1000, seed: 7 },
    );
  });

  test('learns from one word of a megabyte, and encodes it, in linear time', async () => {
    const text = 'ab'.repeat(500_000);
    const tokenizer = await trainTokenizer([text], { kind: 'byte-level-bpe', vocabularySize: 270 });
    expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(text);
  }, 20_000);

  const kinds = [
    { kind: 'byte-level-bpe', vocabularySize: 600 },
    { kind: 'sentencepiece-bpe', vocabularySize: 600 },
    { kind: 'unigram', vocabularySize: 600 },
    { kind: 'wordpiece', vocabularySize: 600 },
  ] as const;

  test.each(kinds)('$kind stops in any stage when told to', async (options) => {
    const lines = Array.from({ length: 2000 }, (_, i) => `word${i} other${i % 100} and${i * i}`);
    const stages = new Set<string>();
    await trainTokenizer(lines, { ...options, onProgress: ({ stage }) => stages.add(stage!) });
    expect(stages.size).toBeGreaterThan(1);
    for (const wanted of stages) {
      const abort = new AbortController();
      const onProgress = ({ stage }: { stage?: string }) => {
        if (stage === wanted) abort.abort(new Error(wanted));
      };
      await expect(trainTokenizer(lines, { ...options, signal: abort.signal, onProgress })).rejects.toThrow(wanted);
    }
  });

  test.each(kinds)('$kind hears a signal from outside while it works', async (options) => {
    const endless = function* () {
      for (let i = 0; ; i++) yield `word${i % 977} other${i % 100}`;
    };
    await expect(trainTokenizer(endless(), { ...options, signal: AbortSignal.timeout(60) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  test.each(kinds)(
    '$kind takes an empty text, one letter, and one word of a megabyte',
    async (options) => {
      for (const lines of [[], ['a'], ['ab'.repeat(500_000)]]) {
        const tokenizer = await trainTokenizer(lines, options);
        expect(() => tokenizer.encode('abc 红 \ud800').ids).not.toThrow();
      }
    },
    30_000,
  );

  test('spells with bytes what a vocabulary does not cover', async () => {
    for (const kind of ['sentencepiece-bpe', 'unigram'] as const) {
      const tokenizer = await trainTokenizer(['a red heart', 'a red cat', '▁'], { kind, vocabularySize: 300, byteFallback: true });
      const { ids } = tokenizer.encode('a 猫 <0x41>');
      expect(tokenizer.decode(ids)).toBe('a 猫 <0x41>');
      expect([...ids].map((id) => tokenizer.idToToken(id))).toEqual(expect.arrayContaining(['<0xE7>', '<0x8C>', '<0xAB>']));
    }
  });

  test.each(kinds)('$kind learns nothing from half characters', async (options) => {
    const half = await trainTokenizer(['a \ud83d b', 'a \ude00 b', 'ab \ud83d\ude00'], options);
    const tokens = Array.from({ length: half.vocabularySize }, (_, id) => half.idToToken(id)!);
    expect(tokens.filter((token) => /\p{Cs}/u.test(token))).toEqual([]);
  });

  test('never spells a special token in the middle of a word', async () => {
    const lines = ['hello hellos othello <0x41>', 'hello hellos othello <0x41>'];
    for (const kind of ['sentencepiece-bpe', 'unigram', 'wordpiece'] as const) {
      const options = { kind, vocabularySize: 300, specialTokens: { additional: ['hello', '##ello'] } };
      const tokenizer = await trainTokenizer(lines, kind === 'wordpiece' ? options : { ...options, kind, splitByScript: false });
      expect(tokenizer.decode(tokenizer.encode('hellos othello <0x41>', { specialTokens: 'text' }).ids, { skipSpecialTokens: true })).toBe(
        kind === 'wordpiece' ? 'hellos othello < 0x41 >' : 'hellos othello <0x41>',
      );
    }
  });

  test('gives special tokens the ids that are asked for, the others in order', async () => {
    const tokenizer = await trainTokenizer(['a red heart'], {
      kind: 'unigram',
      vocabularySize: 40,
      specialTokens: { begin: '<s>', end: '</s>', padding: '<pad>', additional: ['<x>'] },
      specialIds: { padding: 0, unknown: 4 },
    });
    expect([0, 1, 2, 3, 4].map((id) => tokenizer.idToToken(id))).toEqual(['<pad>', '<s>', '</s>', '<x>', '<unk>']);
    expect(tokenizer.paddingId).toBe(0);
    const ids = tokenizer.encode('a ☃').ids;
    expect([...ids].map((id) => tokenizer.idToToken(id))).toEqual(expect.arrayContaining(['<s>', '<unk>', '</s>']));
  });

  test('says the least vocabulary when it is too small', async () => {
    const lines = ['abc abd'];
    // ▁ a b c d; [PAD] to [MASK], a b c d, ##b ##c ##d.
    const least = [
      [{ kind: 'sentencepiece-bpe' }, 1 + 256 + 5],
      [{ kind: 'unigram' }, 1 + 5],
      [{ kind: 'wordpiece' }, 5 + 4 + 3],
    ] as const;
    for (const [options, size] of least) {
      await expect(trainTokenizer(lines, { ...options, vocabularySize: size - 1 })).rejects.toMatchObject({
        code: 'TOKENIZER_OPTIONS',
        message: expect.stringContaining(`a whole number from ${size} (`),
      });
      expect((await trainTokenizer(lines, { ...options, vocabularySize: size })).vocabularySize).toBe(size);
    }
  });

  test.each([
    ['a vocabulary smaller than the bytes', ['a'], { kind: 'byte-level-bpe', vocabularySize: 100 }, 'TOKENIZER_OPTIONS'],
    ['another kind', ['a'], { kind: 'bigram', vocabularySize: 300 }, 'TOKENIZER_OPTIONS'],
    ['a string in place of lines', 'text', { kind: 'byte-level-bpe', vocabularySize: 300 }, 'TOKENIZER_INPUT'],
    ['a line that is no string', [1], { kind: 'byte-level-bpe', vocabularySize: 300 }, 'TOKENIZER_INPUT'],
    ['a piece length of 0', ['a'], { kind: 'unigram', vocabularySize: 300, maximumPieceLength: 0 }, 'TOKENIZER_OPTIONS'],
    ['a coverage above 1', ['a'], { kind: 'sentencepiece-bpe', vocabularySize: 300, characterCoverage: 99.95 }, 'TOKENIZER_OPTIONS'],
    ['an id beyond the special tokens', ['a'], { kind: 'unigram', vocabularySize: 300, specialIds: { unknown: 1 } }, 'TOKENIZER_OPTIONS'],
    ['an id for no token', ['a'], { kind: 'unigram', vocabularySize: 300, specialIds: { padding: 0 } }, 'TOKENIZER_OPTIONS'],
    ['an empty prefix', ['a'], { kind: 'wordpiece', vocabularySize: 300, continuingPrefix: '' }, 'TOKENIZER_OPTIONS'],
    ['a normalizer that is no list', ['a'], { kind: 'unigram', vocabularySize: 300, normalizer: 'NFKC' }, 'TOKENIZER_OPTIONS'],
    ['no options', ['a'], undefined, 'TOKENIZER_OPTIONS'],
    ['options that are null', ['a'], null, 'TOKENIZER_OPTIONS'],
    ['no kind', ['a'], { vocabularySize: 300 }, 'TOKENIZER_OPTIONS'],
    ['no size', ['a'], { kind: 'unigram' }, 'TOKENIZER_OPTIONS'],
    ['a name that is none', ['a'], { kind: 'unigram', vocabularySize: 300, vocabSize: 300 }, 'TOKENIZER_OPTIONS'],
    ["another kind's option", ['a'], { kind: 'byte-level-bpe', vocabularySize: 300, lowercase: true }, 'TOKENIZER_OPTIONS'],
    ['a text for a flag', ['a'], { kind: 'wordpiece', vocabularySize: 300, lowercase: 'no' }, 'TOKENIZER_OPTIONS'],
    ['null', ['a'], { kind: 'wordpiece', vocabularySize: 300, lowercase: null }, 'TOKENIZER_OPTIONS'],
    ...(
      [['<pad>'], '<pad>', { pad: '<pad>' }, { padding: 7 }, { additional: '<x>' }, { additional: [7] }, { unknown: '<unk>' }] as const
    ).map((specialTokens): [string, string[], unknown, string] => [
      `special tokens of the shape ${JSON.stringify(specialTokens)}`,
      ['a'],
      { kind: 'byte-level-bpe', vocabularySize: 300, specialTokens },
      'TOKENIZER_OPTIONS',
    ]),
    [
      'one name for two special tokens',
      ['a'],
      { kind: 'byte-level-bpe', vocabularySize: 300, specialTokens: { begin: '<x>', end: '<x>' } },
      'TOKENIZER_OPTIONS',
    ],
  ])('refuses %s', async (_, lines, options, code) => {
    const failed = await trainTokenizer(lines as string[], options as Parameters<typeof trainTokenizer>[1]).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(TokenizerError);
    expect(failed).toMatchObject({ code });
  });
});
