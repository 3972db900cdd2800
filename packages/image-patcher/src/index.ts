export { type AnyresOptions, type AnyresTiles, anyresTiles } from './anyres/anyres-tiles.js';
export { chooseResolution, llavaPinPoints, type PinPoints, type Size } from './anyres/choose-resolution.js';
export { type SpatialUnpad, type SpatialUnpadOptions, spatialUnpadCounts } from './anyres/spatial-unpad.js';
export { type AffineOptions, affine } from './augment/affine.js';
export { type Augmentation, augment } from './augment/augment.js';
export { adjustBrightness, adjustContrast, adjustSaturation } from './augment/color.js';
export { adjustHue } from './augment/hue.js';
export type { Range } from './augment/sample-rectangle.js';
export {
  type ColorJitterOptions,
  colorJitter,
  horizontalFlip,
  type RandomAffineOptions,
  type RandomEraseOptions,
  type RandomResizedCropOptions,
  randomAffine,
  randomErase,
  randomGrey,
  randomResizedCrop,
} from './augment/steps.js';
export { type ColorMode, cmykToRgb, convert, flatten } from './convert.js';
export { type CropRounding, centerCrop, crop } from './crop.js';
export { type ContactSheetOptions, contactSheet } from './drawing/contact-sheet.js';
export { type HeatMapOptions, heatMap } from './drawing/heat-map.js';
export { ImageError } from './errors.js';
export type { Filter } from './filters.js';
export { MAX_PIXELS } from './image.js';
export { type InterpolateOptions, interpolate, type PerAxis } from './interpolate/interpolate.js';
export type { InterpolationMode } from './interpolate/taps.js';
export { type NormalizeOptions, normalize, toImage } from './normalize.js';
export { type Orientation, orient } from './orient.js';
export { readOrientation } from './orientation.js';
export { expandToSquare, type Fill, type Padding, pad } from './pad.js';
export { type Patches, type PatchOptions, patchify, unpatchify } from './patchify.js';
export { type ImagePluginOptions, imagePlugin, imageProcessorPlugin } from './plugin.js';
export { type InterpolatePositionsOptions, interpolatePositions, type PositionMethod } from './positions/interpolate-positions.js';
export { type SinCosGridOptions, type SinCosOptions, sinCosPositions, sinCosPositions2d } from './positions/sin-cos.js';
export type { ConfigSize, PreprocessorConfig, ProcessorSettings, ResizeTarget } from './processor/config.js';
export { type ImageProcessor, imageProcessor, shortestEdgeSize } from './processor/image-processor.js';
export { knownProcessorTypes } from './processor/known.js';
export { resizePath } from './resample.js';
export { createResizer, type Rectangle, type ResizeOptions, type Resizer, resize } from './resize.js';
export type { ImageFormat, ImageInfo } from './sniff/reader.js';
export { sniffImage } from './sniff/sniff-image.js';
