export { whisperLanguageCode, whisperLanguages } from './languages.js';
export { type WhisperOptions, type WhisperTokenizer, whisperTokenizer } from './whisper-tokenizer.js';
export type { WordTokens } from './word-splits.js';
