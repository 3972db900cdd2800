export { type DecodeOptions, decodeImage } from './node/decode.js';
export { encodePng } from './node/encode.js';
export type { ImageSource } from './node/read.js';
