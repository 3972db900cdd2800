import { describe, expect, test } from '@jest/globals';
import { loadTokenizer } from './index.js';

const document = {
  added_tokens: [{ id: 3, content: '<s>', special: true, normalized: true }],
  normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: null,
  decoder: null,
  model: { type: 'WordLevel', vocab: { a: 0, b: 1, '<unk>': 2, '<s>': 3, '</s>': 4 }, unk_token: '<unk>' },
};
const ids = (config: object, text: string, options = {}) => [...loadTokenizer(document, config).encode(text, options).ids];

describe('a tokenizer_config.json beside a tokenizer.json means what transformers takes it for', () => {
  test('tokens of added_tokens_decoder are added, with the flags that it gives', () => {
    const config = {
      added_tokens_decoder: {
        5: { content: '<image>', special: true, lstrip: true, rstrip: false, single_word: false, normalized: false },
        3: { content: '<s>', special: false },
      },
    };
    expect(ids({}, 'a<image>b')).toEqual([2]);
    expect(ids(config, 'a <image>b')).toEqual([0, 5, 1]);
    expect(loadTokenizer(document, config).isSpecial(3)).toBe(false);
    expect(loadTokenizer(document, {}).isSpecial(3)).toBe(true);
  });

  test('special tokens that are named are added: with the id of the model, else with the next one', () => {
    const tokenizer = loadTokenizer(document, {
      eos_token: '</s>',
      pad_token: { content: '<pad>' },
      additional_special_tokens: ['<x>', '<s>'],
    });
    expect(tokenizer.isSpecial(4)).toBe(true);
    expect(tokenizer.paddingId).toBe(5);
    expect(tokenizer.tokenToId('<x>')).toBe(6);
    expect([...tokenizer.encode('a<x></s>').ids]).toEqual([0, 6, 4]);
    expect([...tokenizer.encodeBatch(['a', 'a b']).ids.data]).toEqual([0, 5, 0, 1]);
    // What is written holds them, so that it needs no config.
    expect([...loadTokenizer(tokenizer.toJSON()).encode('a<x></s>').ids]).toEqual([0, 6, 4]);
  });

  test("Llama's and Gemma's classes put begin and end as the config says, and others as the file does", () => {
    const names = { bos_token: '<s>', eos_token: '</s>' };
    const llama = { ...names, tokenizer_class: 'LlamaTokenizer', add_bos_token: true, add_eos_token: true };
    expect(ids(llama, 'a')).toEqual([3, 0, 4]);
    expect(ids(llama, 'a', { pair: 'b' })).toEqual([3, 0, 4, 3, 1, 4]);
    expect(ids({ ...llama, add_eos_token: false }, 'a')).toEqual([3, 0]);
    expect(ids({ ...llama, tokenizer_class: 'GemmaTokenizerFast', add_bos_token: false }, 'a')).toEqual([0, 4]);
    expect(ids({ ...llama, tokenizer_class: 'PreTrainedTokenizerFast' }, 'a')).toEqual([0]);
    expect(ids({ ...names, tokenizer_class: 'LlamaTokenizer' }, 'a')).toEqual([0]);
  });

  test.each([
    ['an id that is no number', { added_tokens_decoder: { x: { content: 'y' } } }, 'added_tokens_decoder.x'],
    ['a token without content', { added_tokens_decoder: { 7: {} } }, 'added_tokens_decoder.7.content'],
    ['a name that is no token', { pad_token: { content: 7 } }, 'pad_token.content'],
  ])('%s is refused, and the place is named', (_, config, place) => {
    expect(() => loadTokenizer(document, config)).toThrow(place);
  });
});
