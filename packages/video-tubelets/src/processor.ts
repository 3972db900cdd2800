import { ImageError, type ImageProcessor, imageProcessor, knownProcessorTypes, type PreprocessorConfig } from '@polymodal/image-patcher';
import type { Image, TensorLike } from '@polymodal/modality-registry';
import { checkFrames, each } from './clip-tensor.js';
import { shown, VideoError } from './errors.js';
import { joinClips, joinFrames } from './join.js';
import { readTensor } from './read-tensor.js';
import type { FrameSource } from './sample/source.js';

/** A configured preprocessing of videos: call it with one clip, or its `batch` with several. */
export interface VideoProcessor {
  /** The frames of one clip → `pixel_values` of it. [time, channels, height, width] */
  (frames: readonly Image[]): TensorLike<'float32'>;
  /** Several clips of as many frames → `pixel_values`. [batch, time, channels, height, width] @throws VideoError `VIDEO_BATCH`. */
  batch(clips: readonly (readonly Image[])[]): TensorLike<'float32'>;
  /** A stream of frames, none of which is kept as a picture. [time, channels, height, width] */
  read(frames: FrameSource<Image>): Promise<TensorLike<'float32'>>;
  /** One frame. [channels, height, width] */
  frame(image: Image): TensorLike<'float32'>;
}

const half = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
const common = { do_resize: true, resample: 2, do_center_crop: true, crop_size: 224, do_rescale: true, do_normalize: true, ...half };
const videoMae = { ...common, size: { shortest_edge: 224 }, rescale_factor: 1 / 255 };
const vivit = { ...common, size: { shortest_edge: 256 }, rescale_factor: 1 / 127.5, offset: true };

/** Video processors by the names that configurations carry; those of X-CLIP and TimeSformer are VideoMAE's. */
const videoTypes: Readonly<Record<string, Omit<PreprocessorConfig, 'image_processor_type'>>> = {
  VideoMAEImageProcessor: videoMae,
  VideoMAEFeatureExtractor: videoMae,
  VivitImageProcessor: vivit,
};

/** The names that {@link videoProcessor} knows: those for videos, and those of image-patcher, which are applied frame by frame. */
export const knownVideoProcessorTypes: readonly string[] = [...Object.keys(videoTypes), ...knownProcessorTypes];

/**
 * The video preprocessing that a `preprocessor_config.json` describes, as Hugging Face's processors compute it, frame by frame: VideoMAE,
 * TimeSformer, X-CLIP, ViViT, and every image processor.
 *
 * @throws VideoError `VIDEO_PROCESSOR_UNKNOWN` with the known types; ImageError `IMAGE_PROCESSOR_CONFIG`. The processor itself: `VIDEO_EMPTY`,
 *   `VIDEO_FRAME_SIZE`, `VIDEO_TOO_LARGE`, `VIDEO_FRAMES`, and ImageErrors of a frame.
 */
export function videoProcessor(config: PreprocessorConfig): VideoProcessor {
  const frame = frameProcessor(config);
  const one = (frames: readonly Image[]) => {
    checkFrames(frames);
    return joinFrames(each(frames, frame), frames.length);
  };
  const batch = (clips: readonly (readonly Image[])[]) => {
    if (Array.isArray(clips) && clips.length > 0) return joinClips(each(clips, one), clips.length);
    throw new VideoError({ code: 'VIDEO_BATCH', message: `the batch is ${shown(clips)}, but an array of one clip or more was expected.` });
  };
  return Object.assign(one, { batch, read: (frames: FrameSource<Image>) => readTensor(frames, frame), frame });
}

function frameProcessor(config: PreprocessorConfig): (image: Image) => TensorLike<'float32'> {
  const type = config?.image_processor_type ?? config?.feature_extractor_type;
  if (type !== undefined && !knownVideoProcessorTypes.includes(type)) throw unknownType(type);
  const defaults = type !== undefined && Object.hasOwn(videoTypes, type) ? videoTypes[type] : undefined;
  if (!defaults) return typedProcessor(config);
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined && value !== null));
  // The same steps as CLIP's, whose bare `size` is the shortest edge too; frames with alpha or without colour become RGB.
  const fields: PreprocessorConfig = { ...defaults, ...given, do_convert_rgb: true, image_processor_type: 'CLIPImageProcessor' };
  return fields.offset === true && fields.do_rescale === true ? withOffset(imageProcessor(fields)) : imageProcessor(fields);
}

/** A processor of image-patcher. A configuration without a type may be of one all the same, such as a VAE's. */
function typedProcessor(config: PreprocessorConfig): ImageProcessor {
  try {
    return imageProcessor(config);
  } catch (cause) {
    if (ImageError.isInstance(cause) && cause.code === 'IMAGE_PROCESSOR_UNKNOWN') throw unknownType(config?.image_processor_type, cause);
    throw cause;
  }
}

function unknownType(type: unknown, cause?: unknown): VideoError {
  return new VideoError({
    code: 'VIDEO_PROCESSOR_UNKNOWN',
    message: `the configuration's image_processor_type is ${shown(type)}, but one of ${knownVideoProcessorTypes.join(', ')} was expected.`,
    fix: 'Where the model needs the same steps as one of these, set image_processor_type to that name.',
    cause,
  });
}

/** ViViT's way: 1 is subtracted after rescaling and before normalising, each step rounded to float32. */
function withOffset({ pixels, settings: { rescaleFactor, mean, std } }: ImageProcessor): (image: Image) => TensorLike<'float32'> {
  const { fround } = Math;
  const tables = [0, 1, 2].map((c) => {
    const [center, spread] = [fround(mean?.[c] ?? 0), fround(std?.[c] ?? 1)];
    return Float32Array.from({ length: 256 }, (_, level) => fround(fround(fround(level * rescaleFactor) - 1) - center) / spread);
  });
  return (image) => {
    const { data, width, height, channels = 3 } = pixels(image);
    const out = new Float32Array(data.length); // [channels, height, width]
    let i = 0;
    for (let c = 0; c < channels; c++) {
      const table = tables[c]!;
      for (let p = c; p < data.length; p += channels) out[i++] = table[data[p]!]!;
    }
    return { type: 'float32', dims: [channels, height, width], data: out };
  };
}
