import type { PaddingStyle } from './batch.js';
import { type AddedToken, addedTokenSplitter, readAddedTokens } from './components/added-tokens.js';
import { byteCharacterStage } from './components/byte-characters.js';
import { joinWithSpaces } from './components/decoders.js';
import {
  type Components,
  type PreTokenizer,
  readDecoder,
  readNormalizer,
  readPostProcessor,
  readPreTokenizer,
} from './components/tables.js';
import { inputError } from './errors.js';
import { applyConfig } from './json/apply-config.js';
import { genericConfig } from './json/document.js';
import { JsonReader } from './json/json-reader.js';
import { type JsonInput, openJson, type ParseLimits } from './json/parse-json.js';
import { withStringMerges } from './json/string-merges.js';
import { readSide, readTokenizerConfig, type TokenizerConfig } from './json/tokenizer-config.js';
import type { Model } from './model.js';
import type { BatchOptions, EncodeOptions } from './options.js';
import { cleanUpDecoder } from './pipeline/clean-up.js';
import { chainDecoders, type Decoder } from './pipeline/decode-stages.js';
import { endOfWordDecoder } from './pipeline/end-of-word-decoder.js';
import type { Rewriter } from './pipeline/stages.js';
import { stripDecoder } from './pipeline/strip-decoder.js';
import { bareTemplate, isSpecialItem } from './pipeline/template.js';
import { type AddedTokenSplitter, type TextEncoder, textEncoder } from './pipeline/text-encoder.js';
import { Tokenizer } from './tokenizer.js';
import { mapVocabulary, type Vocabulary } from './vocabulary.js';

export interface LoadOptions {
  /** For files that are given as text or bytes. */
  readonly limits?: ParseLimits;
}

/** Builds a tokenizer from its files. */
export function loadDocument(
  components: Components,
  tokenizerJson: JsonInput,
  tokenizerConfigJson: JsonInput | undefined,
  { limits }: LoadOptions,
): Tokenizer {
  const file = openJson(tokenizerJson, 'tokenizer.json', limits).object();
  const configDocument =
    tokenizerConfigJson === undefined ? undefined : openJson(tokenizerConfigJson, 'tokenizer_config.json', limits).object();
  const document = configDocument === undefined ? file : applyConfig(file, configDocument);
  const json = new JsonReader(document, '');
  const config = readTokenizerConfig(configDocument);

  const modelJson = json.field('model');
  const type = modelJson.field('type').string('BPE');
  const kind = Object.hasOwn(components.models, type) ? components.models[type] : undefined;
  if (kind === undefined) throw modelJson.unsupported('model', Object.keys(components.models));
  const own = mapVocabulary(kind.entries(modelJson.field('vocab')));
  // The model's word counts more, as in the original: files that were edited by hand disagree with themselves.
  const added = readAddedTokens(json.field('added_tokens')).map((token) => ({ ...token, id: own.id(token.content) ?? token.id }));
  const vocabulary = mapVocabulary(new Map(added.map(({ content, id }) => [content, id])), own);
  const normalizer = readNormalizer(json.field('normalizer'), components.normalizers);
  const preTokenizer = readPreTokenizer(json.field('pre_tokenizer'), components.preTokenizers);
  const model = kind.read(modelJson, own, preTokenizer.byteLevel ? 'bytes' : 'text');
  const stages = preTokenizer.byteLevel && !kind.readsBytes ? [...preTokenizer.stages, byteCharacterStage] : preTokenizer.stages;
  const template = readPostProcessor(json.field('post_processor'), components.postProcessors) ?? bareTemplate;
  for (const item of [...template.single, ...template.pair]) {
    if (isSpecialItem(item) && vocabulary.token(item.id) === undefined)
      throw json.field('post_processor').error(`uses the id ${item.id}, which no token has.`);
  }
  const decoder = readDecoder(json.field('decoder'), components.decoders) ?? joinWithSpaces;
  const specialIds = new Set(added.filter((token) => token.special).map((token) => token.id));

  return new Tokenizer({
    vocabulary,
    encoder: encoders(added, specialIds, { normalizer, stages, model }),
    decoder: asTransformers(decoder, config, modelJson),
    template,
    specialIds,
    spellings: normalizedSpellings(added, normalizer),
    ...readLengths(json, config, vocabulary),
    toJSON: () => withStringMerges(document),
    toConfigJSON: () => structuredClone(configDocument ?? genericConfig),
  });
}

/** What transformers does to decoded text beyond the file: CLIP's class writes spaces where words end, and any can clean up. */
function asTransformers(decoder: Decoder, { tokenizerClass, cleanUp }: TokenizerConfig, modelJson: JsonReader): Decoder {
  const suffix = /^CLIPTokenizer(?:Fast)?$/.test(tokenizerClass ?? '') ? modelJson.field('end_of_word_suffix').string('') : '';
  return chainDecoders([
    decoder,
    ...(suffix === '' ? [] : [endOfWordDecoder(suffix), stripDecoder]),
    ...(cleanUp ? [cleanUpDecoder()] : []),
  ]);
}

/** Added tokens that are found in normalised text decode to what they are there (huggingface/tokenizers 0.23, added_vocabulary.rs). */
function normalizedSpellings(added: readonly AddedToken[], normalizer: Rewriter | undefined): ReadonlyMap<number, string> {
  const spellings = new Map<number, string>();
  for (const { id, content, normalized } of added) {
    const spelling = normalized && normalizer !== undefined ? normalizer.apply(content, true) : content;
    if (spelling !== content) spellings.set(id, spelling);
  }
  return spellings;
}

/** An encoder for each thing that spellings of special tokens can become; made when first asked for. */
export function encoders(
  added: readonly AddedToken[],
  specialIds: ReadonlySet<number>,
  parts: { normalizer: Rewriter | undefined; stages: PreTokenizer['stages']; model: Model },
): (mode: NonNullable<EncodeOptions['specialTokens']>) => TextEncoder {
  const made = new Map<string, TextEncoder>();
  const make = (mode: NonNullable<EncodeOptions['specialTokens']>) => {
    const tokens = mode === 'text' ? added.filter((token) => !token.special) : added;
    const splitter = (normalized: boolean) => {
      const found = addedTokenSplitter(
        tokens.filter((token) => token.normalized === normalized),
        normalized ? parts.normalizer : undefined,
      );
      return mode === 'refuse' && found !== undefined ? refusing(found, specialIds) : found;
    };
    return textEncoder({ ...parts, rawTokens: splitter(false), normalizedTokens: splitter(true) });
  };
  return (mode) => {
    let encoder = made.get(mode);
    if (encoder === undefined) {
      encoder = make(mode);
      made.set(mode, encoder);
    }
    return encoder;
  };
}

function refusing(splitter: AddedTokenSplitter, specialIds: ReadonlySet<number>): AddedTokenSplitter {
  return (input, text, token) =>
    splitter(input, text, (id, start, end) => {
      if (specialIds.has(id)) {
        throw inputError(
          `the text holds the special token ${JSON.stringify(input.slice(start, end))}, which specialTokens: 'refuse' forbids.`,
          "Take it out, or pass specialTokens: 'text' to encode it as ordinary text.",
        );
      }
      token(id, start, end);
    });
}

interface Lengths {
  readonly padding: PaddingStyle;
  readonly truncationSide: 'left' | 'right';
  readonly modelMaxLength: number | undefined;
  readonly defaults: BatchOptions;
}

const strategies = { LongestFirst: 'longest-first', OnlyFirst: 'only-first', OnlySecond: 'only-second' } as const;

/** `padding` and `truncation` of the tokenizer.json become what `encodeBatch` does by default; the config's word counts more. */
function readLengths(json: JsonReader, config: TokenizerConfig, vocabulary: Vocabulary): Lengths {
  // What is absent is read as if it were empty.
  const section = (name: string) => (json.field(name).absent ? new JsonReader({}, name) : json.field(name));
  const padding = section('padding');
  const truncation = section('truncation');
  const hasPadding = !json.field('padding').absent;
  const padStrategy = padding.field('strategy');
  const fixed = padStrategy.absent || padStrategy.value === 'BatchLongest' ? undefined : padStrategy.field('Fixed').integer();
  const maxLength = json.field('truncation').absent ? undefined : truncation.field('max_length').integer();
  const strategy = truncation.field('strategy').string('LongestFirst');
  if (!Object.hasOwn(strategies, strategy)) throw truncation.field('strategy').wrong(`one of ${Object.keys(strategies).join(', ')}`);
  const configured = config.paddingToken === undefined ? undefined : vocabulary.id(config.paddingToken);
  return {
    padding: {
      id: configured ?? padding.field('pad_id').integer(hasPadding ? 0 : undefined),
      typeId: padding.field('pad_type_id').integer(0),
      side: config.paddingSide ?? readSide(padding.field('direction')) ?? 'right',
      multiple: Math.max(1, padding.field('pad_to_multiple_of').integer(1)),
      ...(fixed !== undefined && { fixed }),
    },
    truncationSide: config.truncationSide ?? readSide(truncation.field('direction')) ?? 'right',
    modelMaxLength: config.modelMaxLength,
    defaults: {
      ...(maxLength !== undefined && {
        truncation: strategies[strategy as keyof typeof strategies],
        maxLength,
        stride: truncation.field('stride').integer(0),
      }),
    },
  };
}
