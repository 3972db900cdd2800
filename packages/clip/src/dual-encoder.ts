import { type Expr, ops, type Parameter } from '@polymodal/autograd';
import { constantValue, type Layer, linear, type Module, normal } from '@polymodal/nn';
import type { ClipConfig, TextConfig, VisionConfig } from './config.js';
import { bagOfTokens } from './towers/bag-of-tokens.js';
import { convolutional } from './towers/convolutional.js';
import { textTransformer } from './towers/text-transformer.js';
import { visionTransformer } from './towers/vision-transformer.js';

/** A CLIP model: two towers, a projection of each into the shared space, and the logarithm of the logit scale. */
export interface DualEncoder extends Module {
  readonly config: ClipConfig;
  /** [batch, 3, size, size] → [batch, projection_dim], not normalised */
  encodeImage(pixels: Expr): Expr;
  /** [batch, length] int64 → [batch, projection_dim], not normalised */
  encodeText(ids: Expr): Expr;
  readonly logitScale: Parameter;
}

function visionTower(config: VisionConfig): Layer {
  return config.model_type === 'clip_vision_model' ? visionTransformer(config) : convolutional(config);
}

function textTower(config: TextConfig): Layer {
  return config.model_type === 'clip_text_model' ? textTransformer(config) : bagOfTokens(config);
}

/** Builds the model that a configuration describes; parameters have the names that Hugging Face's CLIP uses. */
export function dualEncoder(config: ClipConfig): DualEncoder {
  const text_model = textTower(config.text_config);
  const vision_model = visionTower(config.vision_config);
  const projection = (width: number) => linear(width, config.projection_dim, { bias: false, weightInitializer: normal(width ** -0.5) });
  const text_projection = projection(config.text_config.hidden_size);
  const visual_projection = projection(config.vision_config.hidden_size);
  const logit_scale = ops.parameter([], constantValue(config.logit_scale_init_value));
  return {
    config,
    tree: { text_model, vision_model, text_projection, visual_projection, logit_scale },
    encodeImage: (pixels) => visual_projection(vision_model(pixels)),
    encodeText: (ids) => text_projection(text_model(ids)),
    logitScale: logit_scale,
  };
}
