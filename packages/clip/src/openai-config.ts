import type { TensorLike } from '@polymodal/modality-registry';
import { type ClipConfig, parseClipConfig } from './config.js';
import { ClipError } from './errors.js';

/** OpenAI's models all have heads of this width. */
const headWidth = 64;

/**
 * The configuration of a checkpoint of openai/CLIP, read off the shapes of its tensors as `build_model` of its model.py does. Heads are
 * 64 wide unless `visionHeads` says how many the image tower has.
 *
 * Throws {@link ClipError} `CLIP_WEIGHTS` for a tensor that is missing, and for the ResNet image towers, which this package has not;
 * `CLIP_CONFIG` for sizes that fit no model.
 */
export function configFromOpenAI(
  tensors: ReadonlyMap<string, Pick<TensorLike, 'dims'>>,
  { visionHeads }: { readonly visionHeads?: number } = {},
): ClipConfig {
  if (tensors.has('visual.layer1.0.conv1.weight'))
    throw new ClipError({
      code: 'CLIP_WEIGHTS',
      message: 'the image tower of this checkpoint is a ResNet, but only Vision Transformers are supported.',
      fix: 'Use a ViT, such as ViT-B/32.',
    });
  const dim = (name: string, axis: number): number => {
    const size = tensors.get(name)?.dims.at(axis);
    if (size === undefined)
      throw new ClipError({
        code: 'CLIP_WEIGHTS',
        message: `the checkpoint has no tensor '${name}' with ${axis + 1} axes.`,
        fix: 'Pass the whole state dict of openai/CLIP.',
      });
    return size;
  };
  const count = (prefix: string): number => {
    const blocks = [...tensors.keys()].filter(
      (name) => name.startsWith(`${prefix}transformer.resblocks.`) && name.endsWith('attn.in_proj_weight'),
    );
    return blocks.length;
  };
  const heads = (width: number) => Math.max(1, Math.floor(width / headWidth));
  const textWidth = dim('ln_final.weight', 0);
  const visionWidth = dim('visual.conv1.weight', 0);
  const patchSize = dim('visual.conv1.weight', 3);
  const common = { hidden_act: 'quick_gelu', layer_norm_eps: 1e-5 } as const;
  return parseClipConfig({
    model_type: 'clip',
    projection_dim: dim('text_projection', 1),
    text_config: {
      ...common,
      model_type: 'clip_text_model',
      hidden_size: textWidth,
      intermediate_size: 4 * textWidth,
      num_hidden_layers: count(''),
      num_attention_heads: heads(textWidth),
      vocab_size: dim('token_embedding.weight', 0),
      max_position_embeddings: dim('positional_embedding', 0),
      eos_token_id: 2, // pools where the id is largest, as model.py does
    },
    vision_config: {
      ...common,
      model_type: 'clip_vision_model',
      hidden_size: visionWidth,
      intermediate_size: 4 * visionWidth,
      num_hidden_layers: count('visual.'),
      num_attention_heads: visionHeads ?? heads(visionWidth),
      image_size: patchSize * Math.round(Math.sqrt(dim('visual.positional_embedding', 0) - 1)),
      patch_size: patchSize,
    },
  });
}
