export { makeFolder } from './make-folder.js';
export { type WriteFileOptions, writeFileAtomic } from './write-file-atomic.js';
