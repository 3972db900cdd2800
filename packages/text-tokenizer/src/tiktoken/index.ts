export { TokenizerError } from '../errors.js';
export type { Tokenizer } from '../tokenizer.js';
export type { TiktokenEncoding } from './encodings.js';
export { loadTiktoken, type TiktokenOptions } from './load-tiktoken.js';
