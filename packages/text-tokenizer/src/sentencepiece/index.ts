export { loadSentencePiece, type SentencePieceOptions } from './load-sentencepiece.js';
export type { Segmentation, SentencePieceTokenizer } from './sentencepiece-tokenizer.js';
