import type { BatchOptions, PaddingStyle } from './batch.js';
import { type AddedToken, addedTokenSplitter, readAddedTokens } from './components/added-tokens.js';
import { readDecoder } from './components/decoder.js';
import { type Normalizer, readNormalizer } from './components/normalizer.js';
import { readPostProcessor } from './components/post-processor.js';
import { readPreTokenizer } from './components/pre-tokenizer.js';
import type { IdBuffer } from './id-buffer.js';
import { readByteLevelBpe, readMerges, readVocabularyEntries } from './json/bpe-model.js';
import { JsonReader } from './json/json-reader.js';
import { type ParseLimits, parseJson } from './json/parse-json.js';
import { readSide, readTokenizerConfig, type TokenizerConfig } from './json/tokenizer-config.js';
import { Tokenizer, type TokenizerJson } from './tokenizer.js';
import { Vocabulary } from './vocabulary.js';

export interface LoadOptions {
  /** For files that are given as text or bytes. */
  readonly limits?: ParseLimits;
}

/** A file as its text, its bytes, or already parsed. */
export type JsonInput = string | Uint8Array | Readonly<Record<string, unknown>>;

/**
 * Builds the tokenizer that a tokenizer.json (and the tokenizer_config.json beside it) describes, with the ids of huggingface/tokenizers.
 * Objects are kept, not copied: do not change them afterwards.
 *
 * Throws TOKENIZER_FILE for a damaged file, naming the place, and TOKENIZER_UNSUPPORTED for a component that it does not know, naming it.
 */
export function loadTokenizer(tokenizerJson: JsonInput, tokenizerConfigJson?: JsonInput, { limits }: LoadOptions = {}): Tokenizer {
  const document = readDocument(tokenizerJson, 'tokenizer.json', limits);
  const configDocument = tokenizerConfigJson === undefined ? undefined : readDocument(tokenizerConfigJson, 'tokenizer_config.json', limits);
  const json = new JsonReader(document, '');
  const config = readTokenizerConfig(configDocument);

  const normalize = readNormalizer(json.field('normalizer'));
  const added = readAddedTokens(json.field('added_tokens'));
  const modelJson = json.field('model');
  const vocabulary = readVocabulary(json, modelJson, added);
  const preTokenizer = readPreTokenizer(json.field('pre_tokenizer'));
  const type = modelJson.field('type').string('BPE');
  if (type !== 'BPE') throw modelJson.unsupported('model', ['BPE']);
  if (preTokenizer?.byteLevel !== true) {
    throw json
      .field('pre_tokenizer')
      .error('has no ByteLevel component at its end, but only byte-level BPE is supported.', 'Use a byte-level tokenizer.');
  }
  const model = readByteLevelBpe(modelJson, vocabulary);
  const frame = readPostProcessor(json.field('post_processor'));
  for (const id of [...frame.before, ...frame.after]) {
    if (vocabulary.token(id) === undefined) throw json.field('post_processor').error(`uses the id ${id}, which no token has.`);
  }

  return new Tokenizer({
    vocabulary,
    encode: pipeline(added, normalize, preTokenizer.split, (word, out) => model.encodeWord(word, out)),
    decode: readDecoder(json.field('decoder')),
    ...frame,
    specialIds: new Set(added.filter((token) => token.special).map((token) => token.id)),
    ...readLengths(json, config, vocabulary),
    toJSON: () => withStringMerges(document, modelJson),
    toConfigJSON: () => structuredClone(configDocument ?? defaultConfig),
  });
}

/** Transformers' generic class; without the clean-up, which would take spaces out of decoded text. */
const defaultConfig = { tokenizer_class: 'PreTrainedTokenizerFast', clean_up_tokenization_spaces: false } as const;

function readDocument(input: JsonInput, name: string, limits: ParseLimits | undefined): TokenizerJson {
  const value = typeof input === 'string' || input instanceof Uint8Array ? parseJson(input, name, limits) : input;
  return new JsonReader(value, name).object();
}

/** The model's tokens and the added ones; an added token may repeat what the model has, if the id agrees. */
function readVocabulary(json: JsonReader, modelJson: JsonReader, added: readonly AddedToken[]): Vocabulary {
  const entries = readVocabularyEntries(modelJson.field('vocab'));
  const ids = new Map(entries);
  added.forEach((token, i) => {
    const other = ids.get(token.content);
    if (other !== undefined && other !== token.id) {
      throw json
        .field('added_tokens')
        .item(i)
        .error(`gives ${JSON.stringify(token.content)} the id ${token.id}, but model.vocab gives it ${other}.`);
    }
    ids.set(token.content, token.id);
  });
  return new Vocabulary(ids);
}

function pipeline(
  added: readonly AddedToken[],
  normalize: Normalizer | undefined,
  split: (text: string, emit: (word: string) => void) => void,
  encodeWord: (word: string, out: IdBuffer) => void,
): (text: string, out: IdBuffer) => void {
  const raw = addedTokenSplitter(added.filter((token) => !token.normalized));
  const normalized = addedTokenSplitter(
    added.filter((token) => token.normalized),
    normalize,
  );
  return (text, out) => {
    const token = (id: number) => out.push(id);
    const words = (piece: string) => split(piece, (word) => encodeWord(word, out));
    const piece = (section: string) => {
      const result = normalize === undefined ? section : normalize(section);
      if (normalized === undefined) words(result);
      else normalized(result, words, token);
    };
    if (raw === undefined) piece(text);
    else raw(text, piece, token);
  };
}

interface Lengths {
  readonly padding: PaddingStyle;
  readonly truncationSide: 'left' | 'right';
  readonly modelMaxLength: number | undefined;
  readonly defaults: BatchOptions;
}

/** `padding` and `truncation` of the tokenizer.json become what `encodeBatch` does by default; the config's word counts more. */
function readLengths(json: JsonReader, config: TokenizerConfig, vocabulary: Vocabulary): Lengths {
  const padding = json.field('padding');
  const truncation = json.field('truncation');
  const has = { padding: !padding.absent, truncation: !truncation.absent };
  const fixed =
    has.padding && typeof padding.field('strategy').value === 'object'
      ? padding.field('strategy').field('Fixed').integer(undefined)
      : undefined;
  const maxLength = has.truncation ? truncation.field('max_length').integer() : undefined;
  const configured = config.paddingToken === undefined ? undefined : vocabulary.id(config.paddingToken);
  return {
    padding: {
      id: configured ?? (has.padding ? padding.field('pad_id').integer(0) : undefined),
      side: config.paddingSide ?? (has.padding ? readSide(padding.field('direction')) : undefined) ?? 'right',
      multiple: Math.max(1, has.padding ? padding.field('pad_to_multiple_of').integer(1) : 1),
    },
    truncationSide: config.truncationSide ?? (has.truncation ? readSide(truncation.field('direction')) : undefined) ?? 'right',
    modelMaxLength: config.modelMaxLength,
    defaults: {
      ...(maxLength === undefined ? {} : { truncation: true, maxLength }),
      ...(fixed === undefined || fixed !== maxLength ? {} : { padding: 'max' as const }),
    },
  };
}

/** Merges as `"a b"`: @xenova/transformers reads no other form. A token that holds a space can only be written as a pair. */
function withStringMerges(document: TokenizerJson, modelJson: JsonReader): TokenizerJson {
  const merges = readMerges(modelJson.field('merges')).map(([left, right]) =>
    / /.test(left + right) ? [left, right] : `${left} ${right}`,
  );
  return structuredClone({ ...document, model: { ...modelJson.object(), merges } });
}
