/** Characters between any two of which a grapheme cluster ends: Latin, Greek, Cyrillic, kana, ideographs and their punctuation. */
function standsAlone(code: number): boolean {
  if (code < 0x300) return code !== 0x0d;
  return (
    (code >= 0x370 && code < 0x483) ||
    (code >= 0x48a && code < 0x590) ||
    (code >= 0x2010 && code < 0x2028) ||
    (code >= 0x3001 && code < 0x302a) ||
    (code >= 0x3041 && code < 0x3097) ||
    (code >= 0x30a0 && code < 0x3130) ||
    (code >= 0x3400 && code < 0xa000) ||
    (code >= 0xac00 && code < 0xd7a4) ||
    (code >= 0xff01 && code < 0xff9e)
  );
}

let segmenter: Intl.Segmenter | undefined;

/**
 * Calls `emit` for every extended grapheme cluster (Unicode Standard Annex 29), from left to right. What stands between characters that stand
 * alone goes through Intl.Segmenter, which is slow, and the rest does not.
 */
export function eachCluster(text: string, emit: (start: number, end: number) => void): void {
  let alone = standsAlone(text.charCodeAt(0));
  for (let start = 0; start < text.length; ) {
    let end = start + 1;
    if (end === text.length) {
      emit(start, end);
      return;
    }
    let next = standsAlone(text.charCodeAt(end));
    if (alone && next) {
      emit(start, end);
      start = end;
      continue;
    }
    // Up to the next place between two that stand alone.
    while (end < text.length && !(alone && next)) {
      end++;
      alone = next;
      next = end < text.length && standsAlone(text.charCodeAt(end));
    }
    segmenter ??= new Intl.Segmenter('und', { granularity: 'grapheme' });
    for (const { index, segment } of segmenter.segment(text.slice(start, end))) emit(start + index, start + index + segment.length);
    start = end;
    alone = next;
  }
}
