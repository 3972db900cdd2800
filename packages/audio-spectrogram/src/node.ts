export { type DecodeAudioOptions, decodeAudio, decodeAudioChannels } from './node/decode.js';
export type { AudioSource } from './node/read.js';
