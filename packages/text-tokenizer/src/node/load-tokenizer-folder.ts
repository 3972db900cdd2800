import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { clipTokenizer } from '../clip/index.js';
import { fileError } from '../errors.js';
import { JsonReader } from '../json/json-reader.js';
import { parseJson } from '../json/parse-json.js';
import { readTokenizerConfig } from '../json/tokenizer-config.js';
import type { LoadOptions } from '../load-document.js';
import { loadTokenizer as loadFromJson } from '../load-tokenizer.js';
import { loadTiktoken } from '../tiktoken/index.js';
import type { Tokenizer } from '../tokenizer.js';
import { detectVocabKind, loadVocabAndMerges, type VocabKind } from '../vocab-files/index.js';
import { loadWordPiece } from '../wordpiece/index.js';
import { fromSentencePiece, sentencePieceFiles } from './from-sentencepiece.js';
import { type Folder, openFolder } from './read-folder.js';

export interface FolderOptions extends LoadOptions {
  /** What vocab.json and merges.txt are of, where the folder does not say. */
  readonly kind?: VocabKind;
}

/** A layout that folders have. */
interface Layout {
  readonly files: string;
  readonly isOf: (folder: Folder) => boolean;
  readonly load: (folder: Folder, options: FolderOptions) => Promise<Tokenizer>;
}

const clipMerges = ['bpe_simple_vocab_16e6.txt', 'bpe_simple_vocab_16e6.txt.gz'];
/** GPT-2's own names, too. */
const pairs = [
  ['vocab.json', 'merges.txt'],
  ['encoder.json', 'vocab.bpe'],
] as const;

/** In this order: a tokenizer.json says everything, the others need rules of their own. */
const layouts: readonly Layout[] = [
  { files: 'tokenizer.json', isOf: (folder) => folder.has('tokenizer.json'), load: fromTokenizerJson },
  { files: 'vocab.json with merges.txt', isOf: (folder) => findPair(folder) !== undefined, load: fromVocabAndMerges },
  {
    files: sentencePieceFiles.join(' or '),
    isOf: (folder) => folder.find(...sentencePieceFiles) !== undefined,
    load: async (folder, options) => {
      const name = folder.find(...sentencePieceFiles)!;
      return fromSentencePiece((await folder.read(name))!, name, await readJson(folder, 'tokenizer_config.json', options));
    },
  },
  { files: 'vocab.txt', isOf: (folder) => folder.has('vocab.txt'), load: fromVocabTxt },
  { files: 'one *.tiktoken', isOf: (folder) => findTiktoken(folder).length > 0, load: fromTiktoken },
  { files: clipMerges.join(' or '), isOf: (folder) => folder.find(...clipMerges) !== undefined, load: fromClipMerges },
];

/**
 * Loads the tokenizer of a folder, by its layout: that of the Hugging Face hub (tokenizer.json; vocab.json and merges.txt; a SentencePiece
 * model; vocab.txt), a `.tiktoken` file, or openai/CLIP's merges. What tokenizer_config.json, special_tokens_map.json and added_tokens.json add is read as well.
 *
 * Throws TOKENIZER_FILE when there is none of these or a file is damaged, naming the place, and what the loaders throw.
 */
export async function loadTokenizer(path: string, options: FolderOptions = {}): Promise<Tokenizer> {
  const folder = await openFolder(path, options.limits);
  const layout = layouts.find(({ isOf }) => isOf(folder));
  if (layout !== undefined) return layout.load(folder, options);
  throw fileError(
    `${path} has no tokenizer; looked for ${layouts.map(({ files }) => files).join('; ')}.`,
    'Give the folder of a model in the layout of the Hugging Face hub.',
  );
}

async function fromTokenizerJson(folder: Folder, options: FolderOptions): Promise<Tokenizer> {
  const [tokenizer, config, map] = await Promise.all([
    folder.read('tokenizer.json'),
    readJson(folder, 'tokenizer_config.json', options),
    readJson(folder, 'special_tokens_map.json', options),
  ]);
  return loadFromJson(tokenizer!, withPadding(config, map), options);
}

/** Older folders name the padding token in special_tokens_map.json alone. */
function withPadding(config: JsonReader | undefined, map: JsonReader | undefined): Readonly<Record<string, unknown>> | undefined {
  const padding = map?.field('pad_token');
  if (padding === undefined || padding.absent || config?.field('pad_token').absent === false) return config?.object();
  return { ...config?.object(), pad_token: padding.value };
}

const findPair = (folder: Folder) => pairs.find((names) => names.every((name) => folder.has(name)));

async function fromVocabAndMerges(folder: Folder, options: FolderOptions): Promise<Tokenizer> {
  const [vocabularyName, mergesName] = findPair(folder)!;
  const [vocabulary, merges, tokenizerConfig, specialTokensMap, addedTokens, modelConfig] = await Promise.all([
    readJson(folder, vocabularyName, options),
    folder.read(mergesName),
    readJson(folder, 'tokenizer_config.json', options),
    readJson(folder, 'special_tokens_map.json', options),
    readJson(folder, 'added_tokens.json', options),
    readJson(folder, 'config.json', options),
  ]);
  const files = {
    tokenizerConfig: tokenizerConfig?.object(),
    specialTokensMap: specialTokensMap?.object(),
    addedTokens: addedTokens?.object(),
  };
  const kind = options.kind ?? detectVocabKind({ ...files, vocabulary: vocabulary!.object(), modelConfig: modelConfig?.object() });
  return loadVocabAndMerges(vocabulary!.object(), merges!, { ...options, ...files, kind });
}

async function fromVocabTxt(folder: Folder, options: FolderOptions): Promise<Tokenizer> {
  const config = (await readJson(folder, 'tokenizer_config.json', options)) ?? new JsonReader({}, 'tokenizer_config.json');
  const lowercase = config.field('do_lower_case').boolean(true);
  const { modelMaxLength } = readTokenizerConfig(config.value);
  return loadWordPiece((await folder.read('vocab.txt'))!, {
    lowercase,
    stripAccents: config.field('strip_accents').boolean(lowercase),
    tokenizeChineseChars: config.field('tokenize_chinese_chars').boolean(true),
    ...(modelMaxLength !== undefined && { modelMaxLength }),
  });
}

const findTiktoken = (folder: Folder) => [...folder.names].filter((name) => name.endsWith('.tiktoken'));

async function fromTiktoken(folder: Folder): Promise<Tokenizer> {
  const [name, ...others] = findTiktoken(folder);
  if (others.length > 0) {
    throw fileError(
      `${folder.path} has several .tiktoken files: ${[name, ...others].join(', ')}.`,
      'Read one of them, and pass it to loadTiktoken.',
    );
  }
  return loadTiktoken((await folder.read(name!))!);
}

async function fromClipMerges(folder: Folder, { limits }: FolderOptions): Promise<Tokenizer> {
  const name = folder.find(...clipMerges)!;
  const file = (await folder.read(name))!;
  return clipTokenizer({ merges: name.endsWith('.gz') ? await unpack(file, name, limits?.maximumBytes ?? 2 ** 28) : file });
}

async function unpack(file: Buffer, name: string, maxOutputLength: number): Promise<Buffer> {
  try {
    return await promisify(gunzip)(file, { maxOutputLength });
  } catch (cause) {
    throw fileError(`${name} cannot be unpacked (${(cause as Error).message}).`, 'Fetch it again.', cause);
  }
}

async function readJson(folder: Folder, name: string, { limits }: FolderOptions): Promise<JsonReader | undefined> {
  const file = await folder.read(name);
  return file && new JsonReader(parseJson(file, name, limits), name);
}
