import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { JsonReader } from '../json/json-reader.js';
import { chainDecoders } from '../pipeline/decode-stages.js';
import { TracedText } from '../pipeline/traced-text.js';
import { allComponents } from './all-components.js';
import { readByteFallback } from './byte-fallback.js';
import { readFuse } from './fuse.js';
import { readMetaspace, readMetaspaceDecoder } from './metaspace.js';
import { readStripDecoder } from './strip-decoder.js';
import { readNormalizer } from './tables.js';

const json = (value: unknown) => new JsonReader(value, 'component');
const golden = (name: string) => JSON.parse(readFileSync(new URL(`../goldens/${name}`, import.meta.url), 'utf8'));
const rules = golden('unigram_t5like.json').normalizer.normalizers[0];

const { cases } = golden('sentencepiece-normalizers.json') as {
  cases: readonly { type: string; text: string; normalized: string; offsets: [start: number, end: number][] }[];
};

describe('normalizers, as huggingface/tokenizers aligns them', () => {
  test.each(['Precompiled', 'Nmt', 'Strip'])('%s', (type) => {
    const normalizer = readNormalizer(json(type === 'Precompiled' ? rules : { type }), allComponents.normalizers)!;
    for (const { text, normalized, offsets } of cases.filter((each) => each.type === type)) {
      expect(normalizer.apply(text, true)).toBe(normalized);
      const traced = normalizer.trace(TracedText.of(text), true);
      expect(traced.text).toBe(normalized);
      const place = (unit: number) => Array.from(text.slice(0, unit)).length;
      const places: [start: number, end: number][] = [];
      for (let i = 0; i < normalized.length; i++) {
        places.push([place(traced.starts[i]!), place(traced.ends[i]!)]);
        if (normalized.codePointAt(i)! > 0xffff) i++;
      }
      expect([text, ...places]).toEqual([text, ...offsets]);
    }
  });

  test('rules that are no base64, or no rules, are refused with their place', () => {
    for (const precompiled_charsmap of ['*', 'AAAA', '/////w==', 3, undefined]) {
      expect(() => readNormalizer(json({ type: 'Precompiled', precompiled_charsmap }), allComponents.normalizers)).toThrow(
        /component\.precompiled_charsmap/,
      );
    }
  });
});

describe('Metaspace', () => {
  test.each([
    [{}, 'ab c', ['▁ab', '▁c']],
    [{ prepend_scheme: 'never' }, 'ab c', ['ab', '▁c']],
    [{ add_prefix_space: false, str_rep: '▁' }, 'ab c', ['ab', '▁c']],
    [{ replacement: '_' }, ' a  b', ['_a', '_', '_b']],
    [{ replacement: '_', split: false }, 'a b_', ['_a_b_']],
    [{}, '', []],
  ])('%j splits %j into %j', (options, text, words) => {
    const [rewrite, split] = readMetaspace(json({ type: 'Metaspace', replacement: '▁', ...options }));
    const rewritten = 'rewrite' in rewrite! ? rewrite.rewrite.apply(text, true) : '';
    const found: string[] = [];
    if (split === undefined) found.push(rewritten);
    else if ('split' in split) split.split(rewritten, (start, end) => found.push(rewritten.slice(start, end)));
    expect(found).toEqual(words);
  });

  test('"first" puts a space before the text alone', () => {
    const [stage] = readMetaspace(json({ type: 'Metaspace', replacement: '▁', prepend_scheme: 'first' }));
    if (stage === undefined || !('rewrite' in stage)) throw new Error('no rewriter');
    expect([stage.rewrite.apply('a', true), stage.rewrite.apply('a', false)]).toEqual(['▁a', 'a']);
  });

  test.each([
    [{ replacement: 'ab' }, /component\.replacement is "ab"/],
    [{ replacement: '' }, /component\.replacement/],
    [{ prepend_scheme: 'last' }, /component\.prepend_scheme/],
    [{ prepend_scheme: 'first', add_prefix_space: false }, /component\.add_prefix_space/],
  ])('%j is refused', (options, message) => {
    expect(() => readMetaspace(json({ type: 'Metaspace', ...options }))).toThrow(message);
  });
});

describe('decoders', () => {
  const decode = (decoders: Parameters<typeof chainDecoders>[0], tokens: readonly string[]) => {
    const stage = chainDecoders(decoders)();
    const parts: string[] = [];
    const emit = (piece: string) => {
      if (piece !== '') parts.push(piece);
    };
    for (const token of tokens) stage.push(token, emit);
    stage.flush(emit);
    return parts;
  };
  const strip = (start: number, stop: number) => readStripDecoder(json({ type: 'Strip', content: ' ', start, stop }));

  test('a run of bytes is a text, or as many U+FFFD', () => {
    expect(decode([readByteFallback(json({}))], ['<0xE4>', '<0xBD>', '<0xA0>', 'a', '<0xE4>', '<0x41>', '<0xef>', '<0xZZ>']).join('')).toBe(
      '你a\ufffd\ufffd\ufffd<0xZZ>',
    );
    expect(decode([readByteFallback(json({}))], ['<0xEF>', '<0xBF>', '<0xBD>'])).toEqual(['\ufffd']);
  });

  test('Strip works on every token, after a Fuse on all of them as one, and parts come as soon as they are settled', () => {
    expect(decode([strip(1, 0)], [' a', ' b']).join('')).toBe('ab');
    expect(decode([readFuse(json({})), strip(1, 0)], [' a', ' b', 'c'])).toEqual(['a', ' b', 'c']);
    expect(decode([readFuse(json({})), strip(2, 2)], [' ', '  a ', ' ', ' ', 'b', ' ', '  '])).toEqual([' a', ' ', '  b', ' ']);
    expect(decode([strip(1, 1)], [' '])).toEqual([]);
  });

  test('what must see a whole token after a Fuse waits for it', () => {
    const metaspace = readMetaspaceDecoder(json({ type: 'Metaspace', replacement: '▁' }));
    expect(decode([metaspace], ['▁a', '▁b'])).toEqual(['a', ' b']);
    expect(decode([readFuse(json({})), metaspace], ['▁a', '▁b'])).toEqual(['ab']);
  });
});
