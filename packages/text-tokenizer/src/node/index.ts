export { loadTokenizer } from './load-tokenizer-folder.js';
export { saveTokenizer } from './save-tokenizer.js';
