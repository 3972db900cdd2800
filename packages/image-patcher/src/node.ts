export { type DecodeOptions, decodeImage } from './node/decode.js';
export { encodePng } from './node/encode.js';
export type { ImageSource } from './node/read.js';
export { type ReadImage, type ReadImagesOptions, readImages } from './node/read-images.js';
export { type FileFailure, type WalkOptions, walkFiles } from './node/walk-files.js';
