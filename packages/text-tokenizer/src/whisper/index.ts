export { whisperLanguageCode, whisperLanguages } from './languages.js';
export { type WhisperOptions, WhisperTokenizer } from './whisper-tokenizer.js';
export type { WordTokens } from './word-splits.js';
