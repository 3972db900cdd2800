export type { Animation, AnimationInfo, AnimationOptions, TimedFrame } from './animation.js';
export { openAnimation } from './browser/open-animation.js';
