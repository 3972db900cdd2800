import { inherited, scriptFinder } from '../components/scripts.js';

/**
 * Cuts words where the script changes, as SentencePiece keeps pieces within one script (`split_by_unicode_script`): letters apart from digits
 * and punctuation. Marks belong to what they stand on, the space sign to what follows it.
 */
export function scriptRuns(space: string): (word: string, emit: (run: string) => void) => void {
  const find = scriptFinder();
  return (word, emit) => {
    let start = 0;
    let at = 0;
    let before: number | undefined;
    for (const character of word) {
      const script = find(character);
      if (script !== inherited && character !== space) {
        if (before !== undefined && script !== before) {
          emit(word.slice(start, at));
          start = at;
        }
        before = script;
      }
      at += character.length;
    }
    if (start < at) emit(word.slice(start));
  };
}
