export type { Animation, AnimationInfo, AnimationOptions, TimedFrame } from './animation.js';
export { type AnimationFileOptions, type AnimationSource, openAnimation } from './node/animation/open-animation.js';
