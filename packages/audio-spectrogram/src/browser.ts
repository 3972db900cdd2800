export { type DecodeAudioOptions, decodeAudio, decodeAudioChannels } from './browser/decode.js';
