export type { BatchEncoding, BatchOptions, EncodeOptions } from './batch.js';
export { TokenizerError } from './errors.js';
export type { ParseLimits } from './json/parse-json.js';
export { type JsonInput, type LoadOptions, loadTokenizer } from './load-tokenizer.js';
export { type TokenizerPluginOptions, tokenizerPlugin } from './plugin.js';
export type { DecodeOptions, Encoding, Tokenizer, TokenizerConfigJson, TokenizerJson } from './tokenizer.js';
export type { Lines } from './train/count-words.js';
export { type SpecialTokens, type TrainOptions, trainTokenizer } from './train/train-tokenizer.js';
