import { llavaPinPoints } from '../anyres/choose-resolution.js';
import type { CropRounding } from '../crop.js';
import { ImageError, shown } from '../errors.js';
import type { PreprocessorConfig } from './config.js';

/** What a processor type does that its configurations do not say. */
export interface Traits {
  /** Whether a bare number as `size` means a square (ViT) or the shortest edge (CLIP). */
  readonly squareSize: boolean;
  /** Whose rounding a centre crop follows; default Hugging Face's. */
  readonly cropRounding?: CropRounding;
  /** How the longer side of a shortest-edge resize is rounded (default down), and that smaller pictures are refused. */
  readonly shrinkOnly?: boolean;
  /** Whether the conversion to RGB comes after resizing and cropping. */
  readonly convertLast?: boolean;
  /** Whether `do_convert_grayscale` and `do_binarize` exist, which make masks. */
  readonly masks?: boolean;
  /** Whether the picture is cut into tiles of one of several resolutions. */
  readonly anyres?: boolean;
}

type Defaults = Omit<PreprocessorConfig, 'image_processor_type' | 'feature_extractor_type' | '_class_name'> & { readonly traits: Traits };

/**
 * Every processor type that is known, by the name that configurations carry, or by the repository whose own code does it. A new one that has
 * these steps is a new row. Made by a call, which bundlers leave out where no processor is used.
 */
function everyType(): Readonly<Record<string, Defaults>> {
  const clipStatistics = { image_mean: [0.48145466, 0.4578275, 0.40821073], image_std: [0.26862954, 0.26130258, 0.27577711] };
  const halfStatistics = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
  const common = { do_resize: true, do_rescale: true, rescale_factor: 1 / 255, do_normalize: true };

  const clip: Defaults = {
    ...common,
    ...clipStatistics,
    traits: { squareSize: false },
    size: { shortest_edge: 224 },
    resample: 3,
    do_center_crop: true,
    crop_size: { height: 224, width: 224 },
  };
  const vit: Defaults = { ...common, ...halfStatistics, traits: { squareSize: true }, size: { height: 224, width: 224 }, resample: 2 };
  const siglip: Defaults = { ...vit, resample: 3 };
  const blip: Defaults = { ...common, ...clipStatistics, traits: { squareSize: true }, size: { height: 384, width: 384 }, resample: 3 };
  const llava: Defaults = { ...clip, do_pad: false };
  const llavaNext: Defaults = {
    ...clip,
    traits: { squareSize: false, anyres: true },
    size: { shortest_edge: 336 },
    crop_size: { height: 336, width: 336 },
    // The same numbers in the same order, though Hugging Face has them as [height, width].
    image_grid_pinpoints: llavaPinPoints,
  };
  /** clip.py of openai/CLIP: torchvision's rounding, and RGB last. */
  const openaiClip: Defaults = { ...clip, traits: { squareSize: false, cropRounding: 'torchvision', convertLast: true } };
  /** The discrete VAE of DALL-E: 0.8 x + 0.1, as a mean and a standard deviation. */
  const openaiDalle: Defaults = {
    ...clip,
    traits: { squareSize: false, cropRounding: 'torchvision', shrinkOnly: true },
    size: { shortest_edge: 256 },
    crop_size: { height: 256, width: 256 },
    resample: 1,
    image_mean: [-0.125, -0.125, -0.125],
    image_std: [1.25, 1.25, 1.25],
  };
  /** Stable Diffusion's (image_processor.py of diffusers): sides rounded down to a multiple, [-1, 1] whatever the channels. */
  const vae: Defaults = {
    ...common,
    image_mean: 0.5,
    image_std: 0.5,
    traits: { squareSize: true, convertLast: true, masks: true },
    resample: 'lanczos',
    vae_scale_factor: 8,
  };

  return {
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
    LlavaNextImageProcessor: llavaNext,
    LlavaNextImageProcessorFast: llavaNext,
    VaeImageProcessor: vae,
    'openai/CLIP': openaiClip,
    'openai/DALL-E': openaiDalle,
  };
}

const known = /* @__PURE__ */ everyType();

/** The names that {@link defaultsOf} knows. */
export const knownProcessorTypes: readonly string[] = /* @__PURE__ */ Object.keys(known);

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
