export { detectVocabKind } from './detect-kind.js';
export type { VocabKind } from './kinds.js';
export { loadVocabAndMerges, type VocabAndMergesOptions } from './load-vocab-and-merges.js';
