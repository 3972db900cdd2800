export { type DecodeOptions, decodeImage } from './browser/decode.js';
