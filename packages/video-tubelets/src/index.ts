export { type Clip, framesToTensor } from './clip-tensor.js';
export { VideoError } from './errors.js';
export type { TubeletOptions } from './tubelet-options.js';
export { type FirstFrameAndTubes, splitFirstFrame } from './tubelet-tokens.js';
export { type Tubelets, tubelets, untubelets } from './tubelets.js';
