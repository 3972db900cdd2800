export type { VideoInfo } from '../video-file.js';
export { type OpenVideo, type OpenVideoOptions, openVideo } from './ffmpeg/open-video.js';
export { type ProbeOptions, probeVideo } from './ffmpeg/probe.js';
