import type { ImageProcessor } from '@polymodal/image-patcher';
import { checkWeights, namedParameters, type Weights } from '@polymodal/nn';
import type { Tokenizer } from '@polymodal/text-tokenizer';
import type { ClipConfig } from './config.js';
import type { DualEncoder } from './dual-encoder.js';
import { ClipError } from './errors.js';

const misfit = (message: string, fix: string) => new ClipError({ code: 'CLIP_MISMATCH', message, fix });

/** Checks that weights are those of the model: names, shapes, finite numbers. Throws `CheckpointError`. */
export function checkModelWeights(model: DualEncoder, weights: Weights): void {
  checkWeights(weights, new Map([...namedParameters(model)].map(([name, { dims }]) => [name, dims])));
}

/** Checks that both preprocessors make what the model takes. Throws {@link ClipError} `CLIP_MISMATCH`. */
export function checkPreprocessors({ text_config, vision_config }: ClipConfig, tokenizer: Tokenizer, processor: ImageProcessor): void {
  if (tokenizer.vocabularySize > text_config.vocab_size)
    throw misfit(
      `the tokenizer has ids up to ${tokenizer.vocabularySize - 1}, but text_config.vocab_size is ${text_config.vocab_size}.`,
      'Use the tokenizer that the model was trained with.',
    );
  if (
    text_config.model_type === 'polymodal_bag_of_tokens' &&
    (tokenizer.paddingId ?? text_config.pad_token_id) !== text_config.pad_token_id
  )
    throw misfit(
      `the tokenizer pads with id ${tokenizer.paddingId}, but text_config.pad_token_id is ${text_config.pad_token_id}.`,
      'Use the tokenizer that the model was trained with.',
    );
  const [channels, height, width] = processor.outputDims;
  const size = vision_config.image_size;
  if (channels !== 3 || height !== size || width !== size)
    throw misfit(
      `the image processor makes [${[channels, height || 'any', width || 'any'].join(', ')}], but the model takes [3, ${size}, ${size}].`,
      `Set crop_size to ${size}, or size to { height: ${size}, width: ${size} }.`,
    );
}
