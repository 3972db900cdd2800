import { type PreprocessorConfig, toImage } from '@polymodal/image-patcher';
import { definePlugin, eachInput, type Image, type ProcessorPart, type TokenizerPart, type Video } from '@polymodal/modality-registry';
import { rgbValues } from './clip-tensor.js';
import { shown, VideoError } from './errors.js';
import { joinClips } from './join.js';
import { videoProcessor } from './processor.js';
import { readTensor } from './read-tensor.js';
import { checkTubeletOptions, type TubeletOptions } from './tubelet-options.js';
import { tubelets, untubelets } from './tubelets.js';

/** The version of this package, which its plugins carry. */
export const VERSION = '0.0.0';

export interface VideoPluginOptions extends Partial<TubeletOptions> {
  /** What the processor part does; default VideoMAE's preprocessing to 224×224. */
  readonly processor?: PreprocessorConfig;
}

/**
 * A plugin for videos: a tokenizer that cuts clips of one length and size into tubelets of RGB in [0, 1] (16×16 pixels of two frames) and puts
 * them together again without loss, and a processor that makes `pixel_values`. Frames that are not RGB are converted.
 */
export function videoPlugin({
  patchSize = 16,
  tubeSize = 2,
  firstFrameAlone = false,
  order = 'cthw',
  processor = { image_processor_type: 'VideoMAEImageProcessor' },
}: VideoPluginOptions = {}) {
  return definePlugin({
    name: '@polymodal/video-tubelets/tubelets',
    version: VERSION,
    parts: [tubeletTokenizer({ patchSize, tubeSize, firstFrameAlone, order }), processorPart(processor)],
  });
}

function tubeletTokenizer(options: TubeletOptions): TokenizerPart<'video'> {
  // Checked now, so that a wrong size fails where it was written.
  const shape = checkTubeletOptions(options);
  return {
    kind: 'tokenizer',
    modality: 'video',
    async encode(videos, call) {
      checkVideos(videos);
      const width = 3 * shape.frames * shape.height * shape.width;
      if (videos.length === 0) return { values: { type: 'float32', dims: [0, 0, width], data: new Float32Array(0) } };
      const clips = await eachInput(videos, call, 'cutting', (video) => readTensor(framesOf(video), rgbValues, call?.signal));
      return tubelets(joinClips(clips, clips.length), options); // [batch, length, 3 × tubelet volume]
    },
    async decode(tokens, call) {
      if (tokens?.values?.dims[0] === 0) return [];
      const { dims, data } = untubelets(tokens, options); // [batch, time, channels, height, width]
      const frame = dims.slice(2);
      const size = frame.reduce((product, dim) => product * dim, 1);
      const toFrame = (_: unknown, i: number): Image =>
        toImage({ type: 'float32', dims: frame, data: data.subarray(i * size, (i + 1) * size) });
      const time = dims[1]!;
      return eachInput([...Array(dims[0]).keys()], call, 'joining', async (item) => ({
        frames: Array.from({ length: time }, (_, t) => toFrame(_, item * time + t)),
      }));
    },
  };
}

function processorPart(config: PreprocessorConfig): ProcessorPart<'video'> {
  const processor = videoProcessor(config);
  return {
    kind: 'processor',
    modality: 'video',
    async process(videos, call) {
      checkVideos(videos);
      if (videos.length === 0) {
        const { dims } = processor.frame({ data: new Uint8Array(3), width: 1, height: 1 });
        return { pixel_values: { type: 'float32', dims: [0, 0, ...dims], data: new Float32Array(0) } };
      }
      const clips = await eachInput(videos, call, 'preprocessing', (video) => readTensor(framesOf(video), processor.frame, call?.signal));
      return { pixel_values: joinClips(clips, clips.length) };
    },
  };
}

function checkVideos(videos: unknown): void {
  if (Array.isArray(videos)) return;
  throw new VideoError({ code: 'VIDEO_BATCH', message: `the batch is ${shown(videos)}, but an array of videos was expected.` });
}

function framesOf(video: Video): Video['frames'] {
  if (typeof video === 'object' && video !== null && 'frames' in video) return video.frames;
  throw new VideoError({
    code: 'VIDEO_FRAMES',
    message: `video is ${shown(video)}, but { frames } was expected, an array or an async iterable of pictures.`,
  });
}
