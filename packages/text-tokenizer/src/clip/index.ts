export { type ClipTokenizerOptions, clipTokenizer } from './clip-tokenizer.js';
