import type { Backend } from '@polymodal/autograd';
import { createRandom } from '@polymodal/autograd';
import { imageProcessor } from '@polymodal/image-patcher';
import type { Image } from '@polymodal/modality-registry';
import { fromFloat16, initialize, toFloat16, type Weights } from '@polymodal/nn';
import { trainTokenizer } from '@polymodal/text-tokenizer';
import { type ClipSpace, clipSpace, dualEncoder, parseClipConfig } from '../src/index.js';
import type { SaveClipOptions } from '../src/node/index.js';

/** The starter's preprocessing: white is 0, and transparent pictures lie on white. */
export const preprocessor = {
  image_processor_type: 'CLIPImageProcessor',
  feature_extractor_type: 'CLIPFeatureExtractor',
  do_convert_rgb: true,
  do_resize: true,
  size: { shortest_edge: 32 },
  resample: 3,
  do_center_crop: true,
  crop_size: { height: 32, width: 32 },
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [1, 1, 1],
  image_std: [0.35, 0.35, 0.35],
  background_color: [255, 255, 255],
} as const;

export const captions = ['a red heart', 'grinning face', 'something to eat for breakfast', '下雨天', '微笑的眼睛', '红心'];

/** A whole model of the starter's architecture with random weights: real in every part, though it knows nothing. */
export async function tinyModel({ transformer = false } = {}): Promise<SaveClipOptions> {
  const tokenizer = await trainTokenizer([...captions, ...captions], {
    kind: 'byte-level-bpe',
    vocabularySize: 320,
    normalizer: ['NFKC', 'Lowercase'],
    addPrefixSpace: true,
    specialTokens: { padding: '<|padding|>', end: '<|endoftext|>' },
    modelMaxLength: 32,
  });
  const sizes = { hidden_size: 24, intermediate_size: 48 };
  const model = dualEncoder(
    parseClipConfig({
      model_type: 'clip',
      space_name: 'tiny',
      projection_dim: 16,
      logit_scale_init_value: Math.log(20),
      text_config: transformer
        ? {
            ...sizes,
            model_type: 'clip_text_model',
            vocab_size: tokenizer.vocabularySize,
            max_position_embeddings: 32,
            num_hidden_layers: 1,
            num_attention_heads: 2,
          }
        : {
            ...sizes,
            model_type: 'polymodal_bag_of_tokens',
            vocab_size: tokenizer.vocabularySize,
            embedding_size: 24,
            max_position_embeddings: 32,
            pad_token_id: 0,
          },
      vision_config: transformer
        ? { ...sizes, model_type: 'clip_vision_model', image_size: 32, patch_size: 8, num_hidden_layers: 1, num_attention_heads: 2 }
        : {
            model_type: 'polymodal_convolutional',
            image_size: 32,
            hidden_size: 24,
            stage_sizes: [8, 16, 16],
            stage_blocks: [0, 1, 1],
          },
    }),
  );
  return { model, weights: initialize(model, 7), tokenizer, preprocessor };
}

/** The weights as a saved folder holds them. */
export function halved(weights: Weights): Weights {
  return new Map([...weights].map(([name, { dims, data }]) => [name, { type: 'float32', dims, data: fromFloat16(toFloat16(data)) }]));
}

/** The model in memory, without a folder. */
export function tinySpace(backend: Backend, { model, weights, tokenizer }: SaveClipOptions, batchSize?: number): ClipSpace {
  return clipSpace({
    backend,
    model,
    weights: halved(weights),
    tokenizer,
    processor: imageProcessor(preprocessor),
    background: preprocessor.background_color,
    space: { name: 'tiny', fingerprint: '0123456789abcdef' },
    ...(batchSize !== undefined && { batchSize }),
  });
}

/** A picture of coloured noise. */
export function noise(width: number, height: number, channels: 3 | 4, seed: number): Image {
  const random = createRandom(seed);
  return { data: Uint8Array.from({ length: width * height * channels }, () => random.integer(256)), width, height, channels };
}
