import { inputSize, pixelMean, pixelStd } from './augment.js';

/** What preprocessor_config.json says: transformers.js and Python read all of it but `background_color`, which is ours. */
export const starterPreprocessor = {
  image_processor_type: 'CLIPImageProcessor',
  feature_extractor_type: 'CLIPFeatureExtractor',
  do_convert_rgb: true,
  do_resize: true,
  size: { shortest_edge: inputSize },
  resample: 3,
  do_center_crop: true,
  crop_size: { height: inputSize, width: inputSize },
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [pixelMean, pixelMean, pixelMean],
  image_std: [pixelStd, pixelStd, pixelStd],
  background_color: [255, 255, 255],
} as const;
