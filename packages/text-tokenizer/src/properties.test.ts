import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clipTokenizer } from './clip/index.js';
import { loadTokenizer, type Tokenizer, trainTokenizer } from './index.js';

const read = (name: string) => readFileSync(new URL(`./goldens/${name}`, import.meta.url), 'utf8');
const { tokenizers: recorded } = JSON.parse(read('mini-tokenizers.json')) as { tokenizers: { cases: { text: string }[] }[] };
const corpus = recorded.flatMap(({ cases }) => cases.map(({ text }) => text));
const mini = (file: string, padding: string) => loadTokenizer(read(file), { pad_token: padding });
const end = '<|endoftext|>';
const specialTokens = { padding: '<|padding|>', begin: '<|startoftext|>', end };

/** What takes any text to bytes and back, and what it makes of a text on the way. */
const byteLevel: Readonly<Record<string, readonly [Tokenizer, (text: string) => string]>> = {
  'GPT-2-like': [mini('bytelevel_gpt2like.json', end), (text) => text],
  'cl100k-like': [mini('bytelevel_cl100klike.json', '<|end|>'), (text) => text.normalize('NFC')],
  'trained byte-level BPE': [await trainTokenizer(corpus, { kind: 'byte-level-bpe', vocabularySize: 700, specialTokens }), (text) => text],
  'trained byte-level BPE with NFKC': [
    await trainTokenizer(corpus, { kind: 'byte-level-bpe', vocabularySize: 500, specialTokens, normalizer: ['NFKC'] }),
    (text) => text.normalize('NFKC'),
  ],
};
/** All that tell offsets. */
const traced: Readonly<Record<string, Tokenizer>> = {
  ...Object.fromEntries(Object.entries(byteLevel).map(([name, [tokenizer]]) => [name, tokenizer])),
  'CLIP-like': mini('bpe_cliplike.json', end),
  'Llama-like': mini('spbpe_llamalike_legacy.json', '</s>'),
  'T5-like': mini('unigram_t5like.json', '<pad>'),
  'BERT-like': mini('wordpiece_lower.json', '[PAD]'),
  "CLIP's of Hugging Face": clipTokenizer({ compat: 'hf' }),
  'trained SentencePiece BPE': await trainTokenizer(corpus, {
    kind: 'sentencepiece-bpe',
    vocabularySize: 1500,
    specialTokens: { padding: '<pad>', begin: '<s>', end: '</s>' },
  }),
  'trained unigram': await trainTokenizer(corpus, {
    kind: 'unigram',
    vocabularySize: 1500,
    specialTokens: { padding: '<pad>', end: '</s>' },
  }),
  'trained WordPiece': await trainTokenizer(corpus, { kind: 'wordpiece', vocabularySize: 1500 }),
};
const all: Readonly<Record<string, Tokenizer>> = { ...traced, CLIP: clipTokenizer() };

const pieces = [' ', '  ', '\n', '\t', 'the', ' and', 'Hello', "'s", '12345', 'é', 'e\u0301', '你好', 'が', '한국', '😀', '👩‍👩‍👧', 'ﬁ', 'ẞ', 'Σς', '▁', '##', 'Ġ', '</w>', '&amp;', 'â€™', '[MASK]', '<0x41>', '\u0000', '\u200b', '\ufeff', '\u3000']; // biome-ignore format: a list
/** Well-formed text: words, any characters, and what some tokenizer takes for something else. */
const text = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'grapheme', maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 6 })), {
    maxLength: 10,
  })
  .map((parts) => parts.join(''));
const surrogate = fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code));
const brokenText = fc.array(fc.oneof(surrogate, fc.constantFrom(...pieces)), { maxLength: 10 }).map((parts) => parts.join(''));

const check = <T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void, numRuns = 150) =>
  fc.assert(fc.property(arbitrary, property), { numRuns, seed: 3 });

/** For inner loops: `expect` takes a hundred times as long. */
function must(holds: boolean, broken: () => string): void {
  if (!holds) throw new Error(broken());
}

describe.each(Object.entries(byteLevel))('%s', (_, [tokenizer, normalized]) => {
  test('decodes what it encoded to the same text', () => {
    check(
      text,
      (given) => {
        const { ids } = tokenizer.encode(given, { addSpecialTokens: false, specialTokens: 'text' });
        expect(tokenizer.decode(ids)).toBe(normalized(given));
      },
      500,
    );
  });

  test('spells in each token what stands at its offsets', () => {
    check(text, (given) => {
      if (normalized(given) !== given) return;
      const { ids, offsets } = tokenizer.encode(given, { addSpecialTokens: false, offsets: true });
      ids.forEach((id, i) => {
        const spelled = tokenizer.decode([id]);
        // Part of a character spells no text of its own.
        const stands = given.slice(...offsets![i]!);
        must(
          spelled.includes('\ufffd') || stands.trim() === spelled.trim(),
          () => `token ${i} spells ${spelled}, but there stands ${stands}`,
        );
      });
    });
  });
});

describe.each(Object.entries(traced))('%s', (name, tokenizer) => {
  test('gives the same ids with offsets, which go forward and lie in the text', () => {
    check(text, (given) => {
      const { ids, offsets, wordIds, sequenceIds } = tokenizer.encode(given, { addSpecialTokens: false, offsets: true });
      expect(ids.join()).toBe(tokenizer.encode(given, { addSpecialTokens: false }).ids.join());
      expect(offsets).toHaveLength(ids.length);
      let [before, after, word] = [0, 0, 0];
      offsets!.forEach(([start, end], i) => {
        must(
          before <= start && Math.max(after, start) <= end,
          () => `token ${i} lies at ${start} to ${end}, the one before ends at ${after}`,
        );
        must(word <= wordIds![i]! && sequenceIds![i] === 0, () => `token ${i} is in word ${wordIds![i]} of text ${sequenceIds![i]}`);
        [before, after, word] = [start, end, wordIds![i]!];
      });
      expect(after).toBeLessThanOrEqual(given.length);
    });
  });

  test('covers every letter and digit by an offset', () => {
    check(text, (given) => {
      // In the original, too, what a charsmap drops before anything else moves the offsets of what follows to the left.
      if (name === 'T5-like' && /^\p{C}/u.test(given)) return;
      const { offsets } = tokenizer.encode(given, { addSpecialTokens: false, offsets: true });
      const covered = new Set<number>();
      for (const [start, end] of offsets!) for (let at = start; at < end; at++) covered.add(at);
      for (const { index } of given.matchAll(/[\p{L}\p{N}]/gu))
        must(covered.has(index), () => `nothing covers ${index} of ${JSON.stringify(given)}`);
    });
  });

  test('keeps the two texts of a pair apart', () => {
    check(fc.tuple(text, text), ([first, second]) => {
      const { ids, sequenceIds, offsets } = tokenizer.encode(first, { pair: second, offsets: true });
      const alone = [first, second].map((given) => tokenizer.encode(given, { addSpecialTokens: false, offsets: true }));
      alone.forEach((encoding, sequence) => {
        const own = <T>(values: Iterable<T>) => [...values].filter((_, i) => sequenceIds![i] === sequence);
        expect(own(ids).join()).toBe(encoding.ids.join());
        expect(own(offsets!).join()).toBe(encoding.offsets!.join());
      });
    });
  });

  test('loses nothing of a long text in its overflow, whose parts share as many ids as the stride says', () => {
    const length = fc.integer({ min: 6, max: 20 });
    check(fc.tuple(text, length, fc.integer({ min: 0, max: 2 })), ([given, maxLength, stride]) => {
      const whole = [...tokenizer.encode(given, { addSpecialTokens: false }).ids];
      const kept = tokenizer.encode(given, { truncation: true, maxLength, stride, overflow: true, offsets: true });
      const joined: number[] = [];
      for (const [i, part] of [kept, ...(kept.overflowing ?? [])].entries()) {
        must(part.ids.length <= maxLength, () => `${part.ids.length} ids are more than ${maxLength}`);
        const own = [...part.ids].filter((_, at) => part.sequenceIds![at] === 0);
        const shared = i === 0 ? 0 : stride;
        const before = shared === 0 ? [] : joined.slice(-shared);
        must(own.slice(0, shared).join() === before.join(), () => `part ${i} begins with ${own}, the one before ends with ${before}`);
        joined.push(...own.slice(shared));
      }
      expect(joined.join()).toBe(whole.join());
    });
  });
});

describe.each(Object.entries(all))('%s', (_, tokenizer) => {
  test('gives in a batch what it gives one by one', () => {
    check(fc.tuple(fc.array(text, { maxLength: 4 }), fc.constantFrom('left' as const, 'right' as const)), ([texts, paddingSide]) => {
      const { ids, attentionMask } = tokenizer.encodeBatch(texts, { paddingSide, truncation: true, maxLength: 30 });
      const [count, length] = ids.dims as [number, number];
      expect(count).toBe(texts.length);
      texts.forEach((given, row) => {
        const own = tokenizer.encode(given, { truncation: true, maxLength: 30 }).ids;
        const cells = ids.data.subarray(row * length, (row + 1) * length);
        const mask = attentionMask.data.subarray(row * length, (row + 1) * length);
        expect(cells.filter((_, i) => mask[i] === 1).join()).toBe(own.join());
        expect(cells.filter((_, i) => mask[i] === 0).every((id) => id === tokenizer.paddingId)).toBe(true);
      });
    });
  });

  test('decodes in a stream what it decodes as a whole, whatever the ids are', () => {
    const anyIds = fc.array(fc.integer({ min: 0, max: tokenizer.vocabularySize - 1 }), { maxLength: 30 });
    const ids = fc
      .oneof(
        anyIds,
        text.map((given) => [...tokenizer.encode(given).ids]),
      )
      .map((list) => list.filter((id) => tokenizer.idToToken(id) !== undefined));
    check(fc.tuple(ids, fc.boolean()), ([list, skipSpecialTokens]) => {
      const stream = tokenizer.decodeStream({ skipSpecialTokens });
      const parts = [...list.map((id) => stream.push(id)), stream.flush()];
      expect(parts.join('')).toBe(tokenizer.decode(list, { skipSpecialTokens }));
      for (const part of parts) must(!/\p{Surrogate}/u.test(part), () => `half a character in ${JSON.stringify(parts)}`);
    });
  });

  test('takes lone surrogates for U+FFFD', () => {
    check(brokenText, (given) => {
      const { ids } = tokenizer.encode(given);
      expect(ids.join()).toBe(tokenizer.encode(given.replace(/\p{Surrogate}/gu, '\ufffd')).ids.join());
      expect(tokenizer.decode(ids)).not.toMatch(/\p{Surrogate}/u);
    });
  });
});
