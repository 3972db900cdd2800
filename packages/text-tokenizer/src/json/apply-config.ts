import type { TokenizerConfigJson, TokenizerJson } from '../tokenizer.js';
import { addedTokenJson, type TokenId, templateJson } from './document.js';
import { JsonReader } from './json-reader.js';

const roles = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];
/** Their begin and end tokens are what the config says, whatever template the file has. */
const framesItself = /^(?:Code)?(Llama|Gemma)Tokenizer(?:Fast)?$/;

/**
 * What transformers makes of a tokenizer.json with the tokenizer_config.json beside it (tokenization_utils_fast.py): the tokens of
 * `added_tokens_decoder` are added with their flags, special tokens that are named and not known are added, and Llama's and Gemma's classes
 * put begin and end tokens as `add_bos_token` and `add_eos_token` say.
 */
export function applyConfig(document: TokenizerJson, configDocument: TokenizerConfigJson): TokenizerJson {
  const json = new JsonReader(document, '');
  const config = new JsonReader(configDocument, 'tokenizer_config.json');
  const added = new Map<string, { readonly id: number }>();
  if (!json.field('added_tokens').absent)
    for (const item of json.field('added_tokens').array(1_000_000))
      added.set(item.field('content').string(), item.object() as unknown as { id: number });

  const decoder = config.field('added_tokens_decoder');
  for (const key of decoder.absent ? [] : Object.keys(decoder.object())) {
    const entry = decoder.field(key);
    const { content, flags } = readToken(entry);
    if (!/^\d{1,9}$/.test(key)) throw entry.error('should be named by an id.');
    added.set(content, addedTokenJson([content, added.get(content)?.id ?? Number(key)], { special: false, ...flags }));
  }
  const additional = config.field('additional_special_tokens');
  const named = [...roles.map((role) => config.field(role)), ...(Array.isArray(additional.value) ? additional.array(100_000) : [])];
  const ids = modelIds(json.field('model').field('vocab').value);
  for (const item of named) {
    // `false` and the like stand for none in old files.
    if (typeof item.value !== 'string' && (typeof item.value !== 'object' || item.absent)) continue;
    const { content, flags } = readToken(item);
    if (content === '' || added.has(content)) continue;
    added.set(content, addedTokenJson([content, ids.of(content) ?? ids.next(added.values())], flags));
  }

  const begins = config.field('add_bos_token').value;
  const ends = config.field('add_eos_token').value;
  const family = framesItself.exec(config.field('tokenizer_class').string('') ?? '')?.[1];
  const frames = family !== undefined && (typeof begins === 'boolean' || typeof ends === 'boolean');
  const [begin, end] = family === 'Gemma' ? ['<bos>', '<eos>'] : ['<s>', '</s>'];
  const token = (role: string, otherwise: string): TokenId[] => {
    const item = config.field(role);
    const content = item.absent ? otherwise : readToken(item).content;
    const id = added.get(content)?.id ?? ids.of(content);
    return id === undefined ? [] : [[content, id]];
  };
  return {
    ...document,
    added_tokens: [...added.values()].sort((a, b) => a.id - b.id),
    ...(frames && {
      post_processor: templateJson(begins === false ? [] : token('bos_token', begin!), ends === true ? token('eos_token', end!) : []),
    }),
  };
}

/** A token is written as its text, or as an object with flags. */
function readToken(json: JsonReader) {
  if (typeof json.value === 'string') return { content: json.value, flags: {} };
  const flags = ['single_word', 'lstrip', 'rstrip', 'normalized', 'special'].filter((name) => typeof json.field(name).value === 'boolean');
  return {
    content: json.field('content').string(),
    flags: Object.fromEntries(flags.map((name) => [name, json.field(name).value as boolean])),
  };
}

/** The ids of the model itself: `model.vocab` is an object of ids, or Unigram's list of pieces. */
function modelIds(vocab: unknown) {
  const list: readonly unknown[] | undefined = Array.isArray(vocab) ? vocab : undefined;
  const object = (vocab ?? {}) as Readonly<Record<string, unknown>>;
  return {
    of(content: string): number | undefined {
      const id =
        list === undefined
          ? Object.hasOwn(object, content)
            ? object[content]
            : undefined
          : list.findIndex((piece) => Array.isArray(piece) && piece[0] === content);
      return typeof id === 'number' && id >= 0 ? id : undefined;
    },
    /** The first free id. */
    next(added: Iterable<{ readonly id: number }>): number {
      let highest = (list?.length ?? 0) - 1;
      if (list === undefined) for (const id of Object.values(object)) if (typeof id === 'number' && id > highest) highest = id;
      for (const { id } of added) if (id > highest) highest = id;
      return highest + 1;
    },
  };
}
