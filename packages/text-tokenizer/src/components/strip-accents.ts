import type { Rewriter } from '../pipeline/stages.js';
import { rewriteCharacters } from './rewrite-characters.js';

/** Takes out combining marks; accented letters must be decomposed before. */
export const stripAccents: Rewriter = {
  apply: (text) => text.replace(/\p{M}/gu, ''),
  trace: (text) => rewriteCharacters(text, (character) => (/\p{M}/u.test(character) ? '' : character)),
};
