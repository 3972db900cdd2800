import { JsonReader } from './json-reader.js';

/** What this package uses of a tokenizer_config.json. */
export interface TokenizerConfig {
  readonly modelMaxLength: number | undefined;
  readonly paddingToken: string | undefined;
  readonly paddingSide: 'left' | 'right' | undefined;
  readonly truncationSide: 'left' | 'right' | undefined;
  /** Take the spaces before punctuation out of decoded text. */
  readonly cleanUp: boolean;
  /** The class of transformers, `CLIPTokenizer` for example. */
  readonly tokenizerClass: string | undefined;
}

export function readTokenizerConfig(value: unknown): TokenizerConfig {
  const json = new JsonReader(value ?? {}, 'tokenizer_config.json');
  return {
    modelMaxLength: readMaxLength(json.field('model_max_length')),
    paddingToken: readToken(json.field('pad_token')),
    paddingSide: readSide(json.field('padding_side')),
    truncationSide: readSide(json.field('truncation_side')),
    tokenizerClass: json.field('tokenizer_class').string(undefined),
    cleanUp: json.field('clean_up_tokenization_spaces').boolean(false),
  };
}

/** Python writes 10^30 where a model has no limit. */
function readMaxLength(json: JsonReader): number | undefined {
  if (json.absent) return undefined;
  if (typeof json.value !== 'number' || !(json.value >= 1)) throw json.wrong('a number of at least 1');
  return json.value >= 2 ** 31 ? undefined : Math.floor(json.value);
}

/** A token is written as its text, or as `{ "content": … }`. */
function readToken(json: JsonReader): string | undefined {
  if (json.absent) return undefined;
  return typeof json.value === 'object' ? json.field('content').string() : json.string();
}

export function readSide(json: JsonReader): 'left' | 'right' | undefined {
  if (json.absent) return undefined;
  const side = json.string().toLowerCase();
  if (side !== 'left' && side !== 'right') throw json.wrong('left or right');
  return side;
}
