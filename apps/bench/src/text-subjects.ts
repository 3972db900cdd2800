import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from './installed.js';

/** Encodes every text; returns the ids of each where asked for them, outside of what is timed. */
export type Encode = (texts: readonly string[]) => EncodedTexts | Promise<EncodedTexts>;
export type EncodedTexts = readonly { readonly ids: () => ArrayLike<number> }[];

interface Side {
  /** What messages call it. */
  readonly package: string;
  /** Import and build, which the first use of it waits for. */
  load(): Promise<Encode>;
}

const same = <T extends ArrayLike<number>>(rows: readonly T[]): EncodedTexts => rows.map((row) => ({ ids: () => row }));
const ranks = () => readFileSync(join(packageFolder('gpt-tokenizer'), 'data', 'cl100k_base.tiktoken'));

/** The tokenizer.json of CLIP that a peer is built of: it is written once, since none of them has the vocabulary inside. */
export const clipFile = () => {
  const path = process.env.POLYMODAL_BENCH_CLIP;
  if (path === undefined) throw new Error('POLYMODAL_BENCH_CLIP is not set');
  return readFileSync(path, 'utf8');
};

/** Everything that is timed, ours and peers', each imported only when it is asked for. */
export const subjects = {
  'ours/clip': {
    package: '@polymodal/text-tokenizer',
    async load() {
      const { clipTokenizer } = await import('@polymodal/text-tokenizer/clip');
      const tokenizer = clipTokenizer({ compat: 'hf' });
      return (texts) => same(texts.map((text) => tokenizer.encode(text).ids));
    },
  },
  'ours/clip-openai': {
    package: '@polymodal/text-tokenizer',
    async load() {
      const { clipTokenizer } = await import('@polymodal/text-tokenizer/clip');
      const tokenizer = clipTokenizer();
      return (texts) => same(texts.map((text) => tokenizer.encode(text).ids));
    },
  },
  'huggingface/clip': {
    package: '@huggingface/tokenizers',
    async load() {
      const { Tokenizer } = await import('@huggingface/tokenizers');
      const tokenizer = new Tokenizer(JSON.parse(clipFile()), {});
      return (texts) => same(texts.map((text) => tokenizer.encode(text).ids));
    },
  },
  'rust/clip': {
    package: 'tokenizers',
    async load() {
      // One thread, as JavaScript has.
      process.env.TOKENIZERS_PARALLELISM = 'false';
      process.env.RAYON_NUM_THREADS = '1';
      const { Tokenizer } = await import('tokenizers');
      const tokenizer = Tokenizer.fromString(clipFile());
      return async (texts) => (await tokenizer.encodeBatch([...texts])).map((encoding) => ({ ids: () => encoding.getIds() }));
    },
  },
  'ours/cl100k': {
    package: '@polymodal/text-tokenizer',
    async load() {
      const { loadTiktoken } = await import('@polymodal/text-tokenizer/tiktoken');
      const tokenizer = loadTiktoken(ranks(), { encoding: 'cl100k_base' });
      return (texts) => same(texts.map((text) => tokenizer.encode(text).ids));
    },
  },
  'gpt-tokenizer': {
    package: 'gpt-tokenizer',
    async load() {
      const { encode } = await import('gpt-tokenizer/encoding/cl100k_base');
      return (texts) => same(texts.map((text) => encode(text)));
    },
  },
  'js-tiktoken': {
    package: 'js-tiktoken',
    async load() {
      const [{ Tiktoken }, { default: cl100k }] = await Promise.all([import('js-tiktoken/lite'), import('js-tiktoken/ranks/cl100k_base')]);
      const tokenizer = new Tiktoken(cl100k);
      return (texts) => same(texts.map((text) => tokenizer.encode(text, [], [])));
    },
  },
  tiktoken: {
    package: 'tiktoken',
    async load() {
      const { get_encoding } = await import('tiktoken');
      const tokenizer = get_encoding('cl100k_base');
      return (texts) => texts.map((text) => ({ ids: fixed(tokenizer.encode_ordinary(text)) }));
    },
  },
} satisfies Readonly<Record<string, Side>>;

export type Subject = keyof typeof subjects;

const fixed = (ids: ArrayLike<number>) => () => ids;
