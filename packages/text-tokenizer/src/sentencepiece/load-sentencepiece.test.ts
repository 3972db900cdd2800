import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { TokenizerError } from '../errors.js';
import { loadSentencePiece } from './index.js';

const llama = readFileSync(new URL('../goldens/llama_like_bpe.model', import.meta.url));
const t5 = readFileSync(new URL('../goldens/t5_like_unigram.model', import.meta.url));

const code = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof TokenizerError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing thrown';
};

describe('options', () => {
  test('begin and end tokens go around the text where asked for', () => {
    expect([...loadSentencePiece(llama).encode('a').ids]).not.toContain(1);
    const { ids } = loadSentencePiece(llama, { addBegin: true, addEnd: true }).encode('a');
    expect([ids[0], ids.at(-1)]).toEqual([1, 2]);
  });

  test('a model without the token refuses to add it', () => {
    expect(code(() => loadSentencePiece(t5, { addBegin: true }))).toContain('TOKENIZER_OPTIONS: addBegin');
  });

  test('the padding is the model’s own piece, or the one that was named', () => {
    expect(loadSentencePiece(t5).paddingId).toBe(0);
    expect(loadSentencePiece(llama).paddingId).toBeUndefined();
    expect(loadSentencePiece(llama, { padding: '<unk>' }).paddingId).toBe(0);
    expect(code(() => loadSentencePiece(llama, { padding: '[PAD]' }))).toContain('TOKENIZER_OPTIONS');
  });
});

describe('texts', () => {
  test('lone surrogates are U+FFFD', () => {
    for (const bytes of [llama, t5]) {
      const tokenizer = loadSentencePiece(bytes);
      expect(tokenizer.encode('a\ud83d b').ids).toEqual(tokenizer.encode('a\ufffd b').ids);
      expect(tokenizer.encode('a\ud83d b', { offsets: true }).offsets).toEqual(tokenizer.encode('a\ufffd b', { offsets: true }).offsets);
    }
  });

  test('bytes of a character are held back until the last of them', () => {
    const tokenizer = loadSentencePiece(llama);
    const stream = tokenizer.decodeStream();
    const parts = [0xf0, 0x9f, 0x98, 0x80].map((byte) => stream.push(tokenizer.tokenToId(`<0x${byte.toString(16).toUpperCase()}>`)!));
    expect(parts).toEqual(['', '', '', '😀']);
  });

  test('100,000 of one character take no more than a second or two', () => {
    for (const bytes of [llama, t5]) {
      const tokenizer = loadSentencePiece(bytes);
      for (const unit of ['a', ' ', '▁', '\u0301', '😀', 'ﷺ', '7', '\ud800']) {
        const start = performance.now();
        tokenizer.decode(tokenizer.encode(unit.repeat(100_000)).ids);
        expect([unit, performance.now() - start < 3000]).toEqual([unit, true]);
      }
    }
  });

  test('only a unigram model has n-best lists', () => {
    expect(code(() => loadSentencePiece(llama).nBest('a', 2))).toContain('TOKENIZER_UNSUPPORTED');
    expect(code(() => loadSentencePiece(t5).nBest('a', 0))).toContain('TOKENIZER_OPTIONS');
    const [best, second] = loadSentencePiece(t5).nBest('the model', 2);
    expect(best!.score).toBeGreaterThan(second!.score);
  });
});

describe('files', () => {
  /** A message of the wire format: field, then text or a number. */
  const message = (...fields: readonly (readonly [field: number, value: string | number | Uint8Array])[]) =>
    Uint8Array.from(
      fields.flatMap(([field, value]) => {
        if (typeof value === 'number') return [field << 3, value];
        const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
        return [(field << 3) | 2, bytes.length, ...bytes];
      }),
    );
  const unknown = message([1, '<unk>'], [3, 2]);
  const a = message([1, 'a']);

  test.each([
    ['nothing', new Uint8Array(0), 'ends without a piece'],
    ['a length beyond the end', llama.subarray(0, 1000), 'bytes should follow'],
    ['text', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1'), 'TOKENIZER_FILE'],
    ['no unknown piece', message([1, a]), 'no unknown piece'],
    ['two unknown pieces', message([1, unknown], [1, message([1, '<unk2>'], [3, 2])]), 'both the unknown piece'],
    ['a piece twice', message([1, unknown], [1, a], [1, a]), 'repeats "a"'],
    ['a piece without text', message([1, unknown], [1, message([3, 1])]), 'without a text'],
    ['a piece that is not UTF-8', message([1, message([1, Uint8Array.of(0xff)])]), 'not UTF-8'],
    ['a byte piece without byte_fallback', message([1, unknown], [1, message([1, '<0x41>'], [3, 6])]), 'byte_fallback is false'],
    ['rules that are none', message([1, unknown], [3, message([2, 'abc'])]), 'no normalisation rules'],
    ['a trie larger than its blob', message([1, unknown], [3, message([2, Uint8Array.of(255, 0, 0, 0, 1)])]), 'no normalisation rules'],
  ])('%s is refused with its place', (_, bytes, reason) => {
    const thrown = code(() => loadSentencePiece(bytes));
    expect(thrown).toContain('TOKENIZER_FILE');
    expect(thrown).toContain(reason);
  });

  test('what is no file is refused as input', () => {
    expect(code(() => loadSentencePiece('tokenizer.model' as unknown as Uint8Array))).toContain('TOKENIZER_INPUT');
  });

  test('fields of a later version are passed over', () => {
    const tokenizer = loadSentencePiece(message([1, unknown], [1, a], [9, 'new'], [4, message([1, 'self test'])]));
    expect([...tokenizer.encode('a').ids]).toEqual([0, 1]);
  });
});
