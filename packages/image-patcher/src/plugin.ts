import { definePlugin, eachInput, type ModelInputs, type ProcessorPart, type TokenizerPart } from '@polymodal/modality-registry';
import { convert } from './convert.js';
import { checkOptions } from './errors.js';
import { normalize, toImage } from './normalize.js';
import { checkPatchOptions, type PatchOptions, patchify, unpatchify } from './patchify.js';
import type { PreprocessorConfig } from './processor/config.js';
import { imageProcessor } from './processor/image-processor.js';
import { checkBatch, stack, stackPadded } from './stack.js';

/** The version of this package, which its plugins carry. */
export const VERSION = '0.0.0';

export interface ImagePluginOptions extends Partial<PatchOptions> {
  /** What the processor part does; default CLIP's preprocessing to 224×224. */
  readonly processor?: PreprocessorConfig;
}

/**
 * A plugin for pictures: a tokenizer that cuts pictures of one size into patches of RGB in [0, 1] and puts them together again without
 * loss, and a processor that makes `pixel_values`. Pictures that are not RGB are converted.
 *
 * @throws ImageError `IMAGE_PATCH_SIZE`, `IMAGE_OPTIONS`, and as `imageProcessor` does.
 */
export function imagePlugin(options: ImagePluginOptions = {}) {
  const { patchSize = 16, order = 'chw', processor = { image_processor_type: 'CLIPImageProcessor' } } = checkOptions(options);
  return definePlugin({
    name: '@polymodal/image-patcher/patches',
    version: VERSION,
    parts: [patchTokenizer({ patchSize, order }), processorPart(processor)],
  });
}

/** A plugin that only preprocesses, as a `preprocessor_config.json` says. @throws ImageError as `imageProcessor` does. */
export function imageProcessorPlugin(config: PreprocessorConfig) {
  return definePlugin({ name: '@polymodal/image-patcher/processor', version: VERSION, parts: [processorPart(config)] });
}

function patchTokenizer(options: PatchOptions): TokenizerPart<'image'> {
  // Checked now, so that a wrong patch size fails where it was written.
  const sides = checkPatchOptions(options);
  const area = sides.height * sides.width;
  return {
    kind: 'tokenizer',
    modality: 'image',
    async encode(images, call) {
      checkBatch(images);
      const pixels = await eachInput(images, call, 'patching', (image) => normalize(convert(image, 'rgb')));
      if (pixels.length === 0) return { values: { type: 'float32', dims: [0, 0, 3 * area], data: new Float32Array(0) } };
      return patchify(stack(pixels, []), options); // [batch, length, 3 × patch area]
    },
    async decode(tokens, call) {
      if (tokens?.values?.dims[0] === 0) return [];
      const { dims, data } = unpatchify(tokens, options); // [batch, channels, height, width]
      const size = data.length / dims[0]!;
      return eachInput([...Array(dims[0]).keys()], call, 'unpatching', (item) => {
        return toImage({ type: 'float32', dims: dims.slice(1), data: data.subarray(item * size, (item + 1) * size) });
      });
    },
  };
}

function processorPart(config: PreprocessorConfig): ProcessorPart<'image'> {
  const processor = imageProcessor(config);
  return {
    kind: 'processor',
    modality: 'image',
    async process(images, call): Promise<ModelInputs> {
      checkBatch(images);
      const pixels = await eachInput(images, call, 'preprocessing', (image) => processor(image));
      if (!processor.settings.tiles) return { pixel_values: stack(pixels, processor.outputDims) };
      const sizes = Int32Array.from(images.flatMap(({ width, height }) => [height, width]));
      return {
        pixel_values: stackPadded(pixels, processor.outputDims), // [batch, 1 + most tiles, channels, height, width]
        image_sizes: { type: 'int32', dims: [images.length, 2], data: sizes },
      };
    },
  };
}
