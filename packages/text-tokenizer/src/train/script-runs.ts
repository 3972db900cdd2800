/** Scripts in modern use; all others count as one. What no script claims (punctuation, digits, symbols) is Common. */
const names =
  'Common Latin Greek Cyrillic Armenian Hebrew Arabic Syriac Thaana Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Thai Lao Tibetan Myanmar Georgian Hangul Ethiopic Cherokee Canadian_Aboriginal Khmer Mongolian Bopomofo Yi Tifinagh Nko Javanese Balinese';

const inherited = /^\p{Script=Inherited}/u;
/** Japanese mixes them within words; U+30FC lengthens a vowel of either kana. */
const han = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]/u;

/** Of no script of its own. */
const any = -2;

/**
 * Cuts words where the script changes, as SentencePiece keeps pieces within one script (`split_by_unicode_script`): letters apart from digits
 * and punctuation. Marks belong to what they stand on, the space sign to what follows it.
 */
export function scriptRuns(space: string): (word: string, emit: (run: string) => void) => void {
  const scripts = names.split(' ').map((name) => new RegExp(`^\\p{Script=${name}}`, 'u'));
  const known = new Map<string, number>([[space, any]]);
  const scriptOf = (character: string) => {
    let script = known.get(character);
    if (script === undefined) {
      if (han.test(character)) script = scripts.length;
      else if (inherited.test(character)) script = any;
      else script = scripts.findIndex((pattern) => pattern.test(character));
      known.set(character, script);
    }
    return script;
  };
  return (word, emit) => {
    let start = 0;
    let at = 0;
    let before = any;
    for (const character of word) {
      const script = scriptOf(character);
      if (script !== any && before !== any && script !== before) {
        emit(word.slice(start, at));
        start = at;
      }
      if (script !== any) before = script;
      at += character.length;
    }
    if (start < at) emit(word.slice(start));
  };
}
