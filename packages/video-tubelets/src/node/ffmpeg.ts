export { type OpenVideo, type OpenVideoOptions, openVideo } from './ffmpeg/open-video.js';
export { type ProbeOptions, probeVideo, type VideoInfo } from './ffmpeg/probe.js';
