export { type Clip, framesToTensor } from './clip-tensor.js';
export { VideoError } from './errors.js';
export { type VideoPluginOptions, videoPlugin } from './plugin.js';
export { knownVideoProcessorTypes, type VideoProcessor, videoProcessor } from './processor.js';
export { type ClipOptions, clips } from './sample/clips.js';
export {
  offsetIndices,
  type RateChange,
  rateIndices,
  type UniformRule,
  uniformIndices,
  type WindowOptions,
  windowIndices,
} from './sample/indices.js';
export { pickFrames, resampleFrames, type SampleOptions, sampleFrames } from './sample/pick.js';
export type { FrameSource } from './sample/source.js';
export type { TubeletOptions } from './tubelet-options.js';
export { type FirstFrameAndTubes, splitFirstFrame } from './tubelet-tokens.js';
export { type Tubelets, tubelets, untubelets } from './tubelets.js';
