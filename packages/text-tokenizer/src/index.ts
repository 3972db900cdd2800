export type { BatchEncoding, Row } from './batch.js';
export type { Encoding } from './encoding.js';
export { TokenizerError } from './errors.js';
export type { JsonInput, ParseLimits } from './json/parse-json.js';
export type { LoadOptions } from './load-document.js';
export { loadTokenizer } from './load-tokenizer.js';
export type { BatchOptions, EncodeOptions, TextOrPair } from './options.js';
export { type TokenizerPluginOptions, tokenizerPlugin } from './plugin.js';
export type { DecodeOptions, DecodeStream, Tokenizer, TokenizerConfigJson, TokenizerJson } from './tokenizer.js';
export type { Lines } from './train/count-words.js';
export {
  type ByteLevelBpeTrainOptions,
  type SentencePieceBpeTrainOptions,
  type SentencePieceSpecialTokens,
  type SpecialTokens,
  type TrainOptions,
  trainTokenizer,
  type UnigramTrainOptions,
  type WordPieceSpecialTokens,
  type WordPieceTrainOptions,
} from './train/train-tokenizer.js';
export { loadVocabAndMerges, type VocabAndMergesOptions, type VocabKind } from './vocab-files/index.js';
