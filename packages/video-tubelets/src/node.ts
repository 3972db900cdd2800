export type { Animation, AnimationInfo, AnimationOptions, TimedFrame } from './animation.js';
export { type AnimationFileOptions, openAnimation } from './node/animation/open-animation.js';
export type { AnimationSource } from './node/animation/read-source.js';
