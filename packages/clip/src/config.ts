import { type ActivationName, activations } from '@polymodal/nn';
import { ClipError } from './errors.js';

/** The fields of a Hugging Face `config.json` for CLIP's image tower. */
export interface VisionTransformerConfig {
  readonly model_type: 'clip_vision_model';
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly image_size: number;
  readonly patch_size: number;
  readonly hidden_act: ActivationName;
  readonly layer_norm_eps: number;
}

/** A convolutional image tower for small pictures; see `towers/convolutional.ts`. */
export interface ConvolutionalConfig {
  readonly model_type: 'polymodal_convolutional';
  readonly image_size: number;
  readonly hidden_size: number;
  /** Channels after each stage; every stage halves the picture. */
  readonly stage_sizes: readonly number[];
  /** Residual blocks in each stage. */
  readonly stage_blocks: readonly number[];
  readonly hidden_act: ActivationName;
}

export type VisionConfig = VisionTransformerConfig | ConvolutionalConfig;

/** The fields of a Hugging Face `config.json` for CLIP's text tower. */
export interface TextTransformerConfig {
  readonly model_type: 'clip_text_model';
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly vocab_size: number;
  readonly max_position_embeddings: number;
  readonly hidden_act: ActivationName;
  readonly layer_norm_eps: number;
  readonly eos_token_id: number;
}

/** A bag of token embeddings and a feed-forward network; see `towers/bag-of-tokens.ts`. */
export interface BagOfTokensConfig {
  readonly model_type: 'polymodal_bag_of_tokens';
  readonly vocab_size: number;
  readonly embedding_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly max_position_embeddings: number;
  readonly pad_token_id: number;
  readonly hidden_act: ActivationName;
  readonly layer_norm_eps: number;
}

export type TextConfig = TextTransformerConfig | BagOfTokensConfig;

/** A dual encoder: two towers and the width of the space they share. */
export interface ClipConfig {
  readonly model_type: 'clip';
  /** The name of the space, as in `emoji-clip-v1`; default: from the folder. */
  readonly space_name?: string;
  readonly projection_dim: number;
  readonly logit_scale_init_value: number;
  readonly text_config: TextConfig;
  readonly vision_config: VisionConfig;
}

type Json = Readonly<Record<string, unknown>>;

function invalid(path: string, given: unknown, expected: string): ClipError {
  const shown = JSON.stringify(given) ?? 'missing';
  return new ClipError({
    code: 'CLIP_CONFIG',
    message: `config.json: '${path}' is ${shown.length > 80 ? `${shown.slice(0, 79)}…` : shown}, but must be ${expected}.`,
    fix: "Take the model's own config.json, or correct the field.",
  });
}

function section(parent: Json, name: string): Json {
  const value = parent[name];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(name, value, 'an object');
  return value as Json;
}

/** Largest value accepted for a size: above any published model, below what would exhaust memory at once. */
const sizeLimit = 1 << 20;
/** Largest number of layers, or of blocks in a stage. */
const layerLimit = 1024;

/** Reads fields with defaults; the names in errors are the paths in the file. */
function reader(json: Json, prefix: string) {
  const path = (name: string) => (prefix === '' ? name : `${prefix}.${name}`);
  const size = (name: string, fallback?: number, limit = sizeLimit): number => {
    const value = json[name] ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > limit)
      throw invalid(path(name), value, `an integer from 1 to ${limit}`);
    return value;
  };
  return {
    size,
    id: (name: string, fallback?: number): number => ((json[name] ?? fallback) === 0 ? 0 : size(name, fallback)),
    sizes(name: string, minimum: number, limit: number): readonly number[] {
      const value = json[name];
      if (
        !Array.isArray(value) ||
        value.length === 0 ||
        value.length > 16 ||
        !value.every((item) => Number.isInteger(item) && item >= minimum && item <= limit)
      )
        throw invalid(path(name), value, `a list of 1 to 16 integers from ${minimum} to ${limit}`);
      return value as number[];
    },
    positive(name: string, fallback: number): number {
      const value = json[name] ?? fallback;
      if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value)) throw invalid(path(name), value, 'a positive number');
      return value;
    },
    activation(name: string, fallback: ActivationName): ActivationName {
      const value = json[name] ?? fallback;
      if (typeof value !== 'string' || !Object.hasOwn(activations, value))
        throw invalid(path(name), value, `one of ${Object.keys(activations).join(', ')}`);
      return value as ActivationName;
    },
  };
}

type Reader = ReturnType<typeof reader>;

function heads(read: Reader, prefix: string, width: number): number {
  const count = read.size('num_attention_heads', Math.max(1, Math.floor(width / 64)));
  if (width % count !== 0) throw invalid(`${prefix}.num_attention_heads`, count, `a divisor of hidden_size (${width})`);
  return count;
}

const visionParsers: Readonly<Record<VisionConfig['model_type'], (read: Reader) => VisionConfig>> = {
  // Defaults are those of Hugging Face's CLIPVisionConfig, which files leave out.
  clip_vision_model(read) {
    const hidden_size = read.size('hidden_size', 768);
    const image_size = read.size('image_size', 224);
    const patch_size = read.size('patch_size', 32);
    if (patch_size > image_size) throw invalid('vision_config.patch_size', patch_size, `at most image_size (${image_size})`);
    return {
      model_type: 'clip_vision_model',
      hidden_size,
      intermediate_size: read.size('intermediate_size', 3072),
      num_hidden_layers: read.size('num_hidden_layers', 12, layerLimit),
      num_attention_heads: heads(read, 'vision_config', hidden_size),
      image_size,
      patch_size,
      hidden_act: read.activation('hidden_act', 'quick_gelu'),
      layer_norm_eps: read.positive('layer_norm_eps', 1e-5),
    };
  },
  polymodal_convolutional(read) {
    const image_size = read.size('image_size');
    const stage_sizes = read.sizes('stage_sizes', 1, sizeLimit);
    const stage_blocks = read.sizes('stage_blocks', 0, layerLimit);
    if (stage_blocks.length !== stage_sizes.length)
      throw invalid('vision_config.stage_blocks', stage_blocks, `a list of ${stage_sizes.length} numbers, one per stage`);
    if (image_size % 2 ** stage_sizes.length !== 0)
      throw invalid(
        'vision_config.image_size',
        image_size,
        `a multiple of ${2 ** stage_sizes.length}, since ${stage_sizes.length} stages halve it`,
      );
    return {
      model_type: 'polymodal_convolutional',
      image_size,
      hidden_size: read.size('hidden_size'),
      stage_sizes,
      stage_blocks,
      hidden_act: read.activation('hidden_act', 'relu'),
    };
  },
};

const textParsers: Readonly<Record<TextConfig['model_type'], (read: Reader) => TextConfig>> = {
  clip_text_model(read) {
    const hidden_size = read.size('hidden_size', 512);
    return {
      model_type: 'clip_text_model',
      hidden_size,
      intermediate_size: read.size('intermediate_size', 2048),
      num_hidden_layers: read.size('num_hidden_layers', 12, layerLimit),
      num_attention_heads: heads(read, 'text_config', hidden_size),
      vocab_size: read.size('vocab_size', 49408),
      max_position_embeddings: read.size('max_position_embeddings', 77),
      hidden_act: read.activation('hidden_act', 'quick_gelu'),
      layer_norm_eps: read.positive('layer_norm_eps', 1e-5),
      eos_token_id: read.id('eos_token_id', 2),
    };
  },
  polymodal_bag_of_tokens: (read) => ({
    model_type: 'polymodal_bag_of_tokens',
    vocab_size: read.size('vocab_size'),
    embedding_size: read.size('embedding_size'),
    hidden_size: read.size('hidden_size'),
    intermediate_size: read.size('intermediate_size'),
    max_position_embeddings: read.size('max_position_embeddings'),
    pad_token_id: read.id('pad_token_id'),
    hidden_act: read.activation('hidden_act', 'gelu'),
    layer_norm_eps: read.positive('layer_norm_eps', 1e-5),
  }),
};

function parseTower<C>(parsers: Readonly<Record<string, (read: Reader) => C>>, json: Json, name: string, standard: string): C {
  const tower = section(json, name);
  const type = tower.model_type ?? standard;
  const parse = typeof type === 'string' && Object.hasOwn(parsers, type) ? parsers[type] : undefined;
  if (parse === undefined) throw invalid(`${name}.model_type`, type, `one of ${Object.keys(parsers).join(', ')}`);
  return parse(reader(tower, name));
}

/** Checks a parsed `config.json` and fills in the defaults of published files. Throws {@link ClipError} `CLIP_CONFIG`. */
export function parseClipConfig(json: unknown): ClipConfig {
  if (typeof json !== 'object' || json === null) throw invalid('(file)', json, 'an object');
  const config = json as Json;
  if (config.model_type !== 'clip') throw invalid('model_type', config.model_type, "'clip'");
  const { space_name } = config;
  if (space_name !== undefined && (typeof space_name !== 'string' || space_name === '' || space_name.length > 200))
    throw invalid('space_name', space_name, 'a string of 1 to 200 characters');
  const read = reader(config, '');
  return {
    model_type: 'clip',
    ...(space_name !== undefined && { space_name }),
    projection_dim: read.size('projection_dim', 512),
    logit_scale_init_value: read.positive('logit_scale_init_value', 2.6592),
    text_config: parseTower(textParsers, config, 'text_config', 'clip_text_model'),
    vision_config: parseTower(visionParsers, config, 'vision_config', 'clip_vision_model'),
  };
}
