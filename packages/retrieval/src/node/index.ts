export type { AddReport } from './add-files.js';
export type { EmbedderSource } from './embedders.js';
export { type LoadIndexOptions, loadIndex, saveIndex } from './index-store.js';
export { type FileIndex, type OpenIndexOptions, openIndex, type Query } from './open-index.js';
export type { FileContent, FileItem, LoadFile } from './prepare-file.js';
