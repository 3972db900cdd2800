import { byteLevelJson, clipLayoutJson, splitJson, type TokenId, templateJson } from '../json/document.js';
import type { JsonReader } from '../json/json-reader.js';
import { cl100kPattern, clipPattern } from '../scan/index.js';

/** A family of tokenizers that the Hugging Face hub has as vocab.json and merges.txt. */
export type VocabKind = 'gpt2' | 'roberta' | 'clip' | 'whisper' | 'qwen2';

export const vocabKinds: readonly VocabKind[] = ['gpt2', 'roberta', 'clip', 'whisper', 'qwen2'];

/** The roles that a special token can have in a tokenizer_config.json. */
export const roles = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'] as const;
export type Role = (typeof roles)[number];

/** A special token as the files describe it. */
export interface SpecialToken {
  readonly content: string;
  readonly lstrip?: boolean;
  readonly rstrip?: boolean;
  readonly single_word?: boolean;
  readonly normalized?: boolean;
}

/** What a kind is where the files do not say otherwise. */
export const defaultSpecialTokens: Readonly<Record<VocabKind, Partial<Record<Role, SpecialToken>>>> = {
  gpt2: tokens('<|endoftext|>', { bos_token: '<|endoftext|>' }),
  roberta: {
    ...tokens('</s>', { bos_token: '<s>', unk_token: '<unk>', sep_token: '</s>', pad_token: '<pad>', cls_token: '<s>' }),
    mask_token: { content: '<mask>', lstrip: true },
  },
  clip: {
    ...tokens('<|endoftext|>', { pad_token: '<|endoftext|>' }),
    bos_token: { content: '<|startoftext|>', normalized: true },
  },
  whisper: tokens('<|endoftext|>', { bos_token: '<|endoftext|>', pad_token: '<|endoftext|>' }),
  qwen2: tokens('<|endoftext|>', { pad_token: '<|endoftext|>' }),
};

function tokens(end: string, others: Partial<Record<Role, string>>): Partial<Record<Role, SpecialToken>> {
  const all: Partial<Record<Role, string>> = { eos_token: end, unk_token: end, ...others };
  return Object.fromEntries(Object.entries(all).map(([role, content]) => [role, { content }]));
}

/** The id of a special token, by its role or by its spelling. */
export interface SpecialIds {
  role(name: Role): TokenId;
  token(content: string): TokenId;
}

/** The components of a tokenizer.json around the model, as transformers' converters write them. */
export function components(kind: VocabKind, config: JsonReader, special: SpecialIds): Readonly<Record<string, unknown>> {
  const addPrefixSpace = config.field('add_prefix_space').boolean(false);
  const byteLevel = byteLevelJson(addPrefixSpace);
  const noTrim = byteLevelJson(true, false);
  const decoder = noTrim;
  switch (kind) {
    case 'gpt2': {
      const post = config.field('add_bos_token').boolean(false) ? templateJson([special.role('bos_token')], [], 'joined') : noTrim;
      return { normalizer: null, pre_tokenizer: byteLevel, post_processor: post, decoder };
    }
    case 'roberta':
      return {
        normalizer: null,
        pre_tokenizer: byteLevel,
        post_processor: {
          type: 'RobertaProcessing',
          sep: special.role('sep_token'),
          cls: special.role('cls_token'),
          trim_offsets: config.field('trim_offsets').boolean(true),
          add_prefix_space: addPrefixSpace,
        },
        decoder,
      };
    case 'clip':
      return {
        ...clipLayoutJson(clipPattern, special.role('bos_token'), special.role('eos_token')),
        // transformers does this outside the tokenizer.json.
        decoder: {
          type: 'Sequence',
          decoders: [
            decoder,
            { type: 'Replace', pattern: { String: '</w>' }, content: ' ' },
            { type: 'Strip', content: ' ', start: 1, stop: 1 },
          ],
        },
      };
    case 'whisper': {
      const before = ['<|startoftranscript|>', '<|notimestamps|>'].map((token) => special.token(token));
      return {
        normalizer: null,
        pre_tokenizer: byteLevel,
        post_processor: templateJson(before, [special.role('eos_token')], 'joined'),
        decoder,
      };
    }
    case 'qwen2':
      return {
        normalizer: { type: 'NFC' },
        pre_tokenizer: {
          type: 'Sequence',
          pretokenizers: [splitJson(cl100kPattern(''), 'Isolated'), byteLevelJson(addPrefixSpace, false, false)],
        },
        post_processor: noTrim,
        decoder,
      };
  }
}
