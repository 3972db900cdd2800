export { loadChatTemplate } from './load-chat-template.js';
export { type FolderOptions, loadTokenizer } from './load-tokenizer-folder.js';
export { saveTokenizer } from './save-tokenizer.js';
