import { type ClipConfig, parseClipConfig } from '@polymodal/clip';
import type { Augmentation } from './augment.js';
import type { CaptionMix } from './captions.js';

/** Everything that a run of `npm run train:starter` depends on; written into the model card. */
export interface StarterSettings {
  readonly seed: number;
  readonly steps: number;
  /** Concepts per step; every one is shown by {@link views} vendors. */
  readonly concepts: number;
  readonly views: number;
  /** Captions with keywords per concept and step. */
  readonly captionsPerConcept: number;
  /** Ids per caption; longer captions are cut. */
  readonly captionLength: number;
  readonly vocabularySize: number;
  /** Of Muon, for matrices and kernels. */
  readonly matrixLearningRate: number;
  /** Of AdamW, for token embeddings, whose rows are seldom touched. */
  readonly embeddingLearningRate: number;
  /** Of AdamW, for the logarithm of the logit scale. */
  readonly scaleLearningRate: number;
  /** Of AdamW, for gains and biases. */
  readonly learningRate: number;
  readonly warmup: number;
  readonly weightDecay: number;
  /** Of the running average of the weights, which is what is shipped. */
  readonly averageDecay: number;
  /** How often a token of a caption is left out. */
  readonly tokenDropout: number;
  /** Weight of the contrast between pictures and captions with keywords, beside that with names. */
  readonly captionWeight: number;
  /** Weight of the contrast between captions and the names of all concepts. */
  readonly keywordWeight: number;
  /** Weight of the contrast between pictures of one concept by different vendors. */
  readonly viewWeight: number;
  readonly captions: CaptionMix;
  readonly augmentation: Augmentation;
}

export const starterSettings: StarterSettings = {
  seed: 7,
  steps: 12_000,
  concepts: 64,
  views: 2,
  captionsPerConcept: 4,
  captionLength: 16,
  vocabularySize: 5500,
  matrixLearningRate: 0.05,
  embeddingLearningRate: 2e-2,
  scaleLearningRate: 2e-2,
  learningRate: 2e-3,
  warmup: 300,
  weightDecay: 0.05,
  averageDecay: 0.999,
  tokenDropout: 0.1,
  captionWeight: 0.5,
  keywordWeight: 0.5,
  viewWeight: 0.3,
  captions: { english: 0.55, keywordsAlone: 0.7, nameAndKeywords: 0.2, templates: 0.25 },
  augmentation: {
    rotation: 15,
    scale: [0.7, 1.15],
    stretch: 0.15,
    shear: 0.1,
    shift: 0.12,
    hue: 0.35,
    grey: 0.1,
    colour: 1.2,
    background: 0.1,
    outline: 0.15,
    blur: 0.3,
  },
};

/** The starter's model, for a tokenizer of `vocabularySize` ids. */
export function starterConfig(vocabularySize: number): ClipConfig {
  return parseClipConfig({
    model_type: 'clip',
    space_name: 'emoji-clip-v1',
    projection_dim: 128,
    logit_scale_init_value: Math.log(20),
    text_config: {
      model_type: 'polymodal_bag_of_tokens',
      vocab_size: vocabularySize,
      embedding_size: 128,
      hidden_size: 128,
      intermediate_size: 256,
      max_position_embeddings: 32,
      pad_token_id: 0,
      hidden_act: 'gelu',
      layer_norm_eps: 1e-5,
    },
    vision_config: {
      model_type: 'polymodal_convolutional',
      image_size: 32,
      hidden_size: 128,
      stage_sizes: [32, 64, 128],
      stage_blocks: [0, 1, 1],
      hidden_act: 'relu',
    },
  });
}
