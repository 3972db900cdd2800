/** Characters between any two of which a grapheme cluster ends: letters and symbols that neither join nor are joined by themselves. */
function standsAlone(code: number): boolean {
  if (code < 0x300) return code !== 0x0d;
  return (
    (code >= 0x370 && code < 0x483) ||
    (code >= 0x48a && code < 0x590) ||
    (code >= 0x5d0 && code < 0x5eb) ||
    (code >= 0x620 && code < 0x64b) ||
    (code >= 0x2010 && code < 0x2028) ||
    (code >= 0x2030 && code < 0x2060) ||
    (code >= 0x2070 && code < 0x20d0) ||
    (code >= 0x2100 && code < 0x2cef) ||
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
    segment(text, start, end, emit);
    start = end;
    alone = next;
  }
}

/** Units that are segmented at a time: the engine's iterator is slow on long texts, in time that grows with the square of their length. */
const windowSize = 256;

/** Where a cluster ends, another begins as if the text began there; so all clusters of a window are right but for its last. */
function segment(text: string, start: number, end: number, emit: (start: number, end: number) => void): void {
  segmenter ??= new Intl.Segmenter('und', { granularity: 'grapheme' });
  let size = windowSize;
  for (let from = start; from < end; ) {
    let to = Math.min(end, from + size);
    // Half a character would end the cluster before it.
    if (to < end && (text.charCodeAt(to - 1) & 0xfc00) === 0xd800) to++;
    const clusters = Array.from(segmenter.segment(text.slice(from, to)), ({ segment }) => segment.length);
    if (to < end) clusters.pop();
    // One cluster fills the window.
    size = clusters.length === 0 ? size * 2 : windowSize;
    for (const length of clusters) {
      emit(from, from + length);
      from += length;
    }
  }
}
