import { ImageError, shown } from '../errors.js';
import type { PreprocessorConfig } from './config.js';

type Defaults = Omit<PreprocessorConfig, 'image_processor_type' | 'feature_extractor_type'> & {
  /** Whether a bare number as `size` means a square (ViT) or the shortest edge (CLIP). */
  readonly squareSize: boolean;
};

const clipStatistics = { image_mean: [0.48145466, 0.4578275, 0.40821073], image_std: [0.26862954, 0.26130258, 0.27577711] };
const halfStatistics = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
const common = { do_resize: true, do_rescale: true, rescale_factor: 1 / 255, do_normalize: true };

const clip: Defaults = {
  ...common,
  ...clipStatistics,
  squareSize: false,
  size: { shortest_edge: 224 },
  resample: 3,
  do_center_crop: true,
  crop_size: { height: 224, width: 224 },
};
const vit: Defaults = { ...common, ...halfStatistics, squareSize: true, size: { height: 224, width: 224 }, resample: 2 };
const siglip: Defaults = { ...vit, resample: 3 };
const blip: Defaults = { ...common, ...clipStatistics, squareSize: true, size: { height: 384, width: 384 }, resample: 3 };
const llava: Defaults = { ...clip, do_pad: false };

/** Every processor type that is known, by the name that configurations carry. A new one that has these steps is a new row. */
const known: Readonly<Record<string, Defaults>> = {
  CLIPImageProcessor: clip,
  CLIPImageProcessorFast: clip,
  CLIPFeatureExtractor: clip,
  ViTImageProcessor: vit,
  ViTImageProcessorFast: vit,
  ViTFeatureExtractor: vit,
  SiglipImageProcessor: siglip,
  SiglipImageProcessorFast: siglip,
  BlipImageProcessor: blip,
  BlipImageProcessorFast: blip,
  LlavaImageProcessor: llava,
  LlavaImageProcessorFast: llava,
};

/** The names that {@link defaultsOf} knows. */
export const knownProcessorTypes: readonly string[] = Object.keys(known);

/** @throws ImageError `IMAGE_PROCESSOR_UNKNOWN`, listing the known types. */
export function defaultsOf(type: unknown): Defaults {
  const defaults = typeof type === 'string' && Object.hasOwn(known, type) ? known[type] : undefined;
  if (defaults) return defaults;
  throw new ImageError({
    code: 'IMAGE_PROCESSOR_UNKNOWN',
    message: `the configuration's image_processor_type is ${shown(type)}, but one of ${knownProcessorTypes.join(', ')} was expected.`,
    fix: 'Where the model needs the same steps as one of these, set image_processor_type to that name.',
  });
}
