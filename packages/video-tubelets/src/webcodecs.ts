export type { TimedFrame } from './animation.js';
export type { VideoInfo } from './video-file.js';
export { type OpenVideo, type OpenVideoOptions, openVideo } from './webcodecs/open-video.js';
