import { describe, TokenizerError } from '../errors.js';
import { JsonReader } from '../json/json-reader.js';
import type { VocabKind } from './kinds.js';

/** Tokenizer classes without `Tokenizer`, and model types, in small letters without underscores. */
const families: Readonly<Record<VocabKind, readonly string[]>> = {
  gpt2: ['gpt2', 'gptneo', 'gptj', 'codegen', 'opt', 'phi', 'starcoder2'],
  roberta: ['roberta', 'bart', 'longformer', 'led', 'ibert', 'data2vectext', 'clap', 'bridgetower'],
  clip: ['clip', 'cliptextmodel', 'clipseg', 'owlvit', 'owlv2', 'groupvit', 'xclip'],
  whisper: ['whisper'],
  qwen2: ['qwen2', 'qwen2moe', 'qwen2vl', 'qwen25vl', 'qwen2audio', 'qwen3', 'qwen3moe', 'qwen3vl', 'internvl'],
};
/** Classes that say nothing of how text is split. */
const generic = ['pretrained', 'backend', 'auto', ''];

export interface KindHints {
  readonly vocabulary: Readonly<Record<string, unknown>>;
  /** tokenizer_config.json, config.json, added_tokens.json, parsed. */
  readonly tokenizerConfig: unknown;
  readonly modelConfig: unknown;
  readonly addedTokens: unknown;
}

/**
 * Which kind a folder with vocab.json and merges.txt is of: by the class that tokenizer_config.json names, else by config.json's model type,
 * else by the vocabulary. Throws TOKENIZER_UNSUPPORTED for a class that is none of these.
 */
export function detectVocabKind({ vocabulary, tokenizerConfig, modelConfig, addedTokens }: KindHints): VocabKind {
  const config = new JsonReader(tokenizerConfig ?? {}, 'tokenizer_config.json');
  const named = config.field('tokenizer_class').string(undefined);
  if (named !== undefined) {
    const name = simple(named.replace(/^(PreTrained)?Tokenizers?Backend$/, 'Backend').replace(/Tokenizer(Fast)?$/, ''));
    const kind = familyOf(name);
    if (kind !== undefined) return kind;
    if (!generic.includes(name)) {
      throw new TokenizerError({
        code: 'TOKENIZER_UNSUPPORTED',
        message: `tokenizer_config.json names the class ${describe(named)}, which is not known with vocab.json and merges.txt; known kinds: ${Object.keys(families).join(', ')}.`,
        fix: 'Save the tokenizer with transformers, which writes a tokenizer.json, or pass kind.',
      });
    }
  }
  const type = new JsonReader(modelConfig ?? {}, 'config.json').field('model_type').string('');
  const known = familyOf(simple(type));
  if (known !== undefined) return known;
  const has = (token: string) =>
    [vocabulary, addedTokens].some((tokens) => typeof tokens === 'object' && tokens !== null && Object.hasOwn(tokens, token));
  if (has('<|startoftranscript|>')) return 'whisper';
  if (has('a</w>')) return 'clip';
  return has('<s>') && has('<mask>') ? 'roberta' : 'gpt2';
}

const simple = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

function familyOf(name: string): VocabKind | undefined {
  return (Object.keys(families) as VocabKind[]).find((kind) => families[kind].includes(name));
}
