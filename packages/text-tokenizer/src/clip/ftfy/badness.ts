/** Kinds of the characters that occur when UTF-8 is read in another encoding. Ranges as in a regular expression. */
const kinds: Readonly<Record<string, string>> = {
  /** Common everywhere, and so suspicious only after what hardly ever stands alone. */
  common: '\\xa0\\xad\\xb4\\xb7–—―’…',
  control: '\\x80-\\x9f',
  /** Hardly ever meant. */
  bad: '\\xa4\\xa6\\xa8\\xaa\\xac\\xaf\\xb8\\xbaƒˆˇ˘˛˜†‡‰⌐◊\\ufffd',
  law: '§¶',
  currency: '¢£¥₧€',
  start: '¡©«¿΄΅‘‚“„•‹\\uf8ff',
  end: '®»˝”›™',
  numeric: '±-³µ¹¼-¾×÷⁄№∂∆∏∑√∞∩∫≈≠≡≤≥',
  /** Letters that faces of the kind "ಠ_ಠ" are made of. */
  face: '°Ò-ÖÙ-Üò-öø-üŌŐŪŲ',
  upper: 'À-ÑØÜÝĀĂĄĆČĎĐĒĖĘĚĞĢĪİĶĹĻĽŁŃŅŇŒŘŚŞŠŢŤŮŰŸŹŻŽҐ',
  lower: 'ß-ñüāăąćčďđēėęěğģīįķĺļľłœŕśşšťźżžґﬁﬂ',
  /** Greek and Cyrillic. */
  otherUpper: 'ÞΆΈ-ΊΌΎΏΑ-ΫЁ-Я',
  otherLower: 'ά-ωа-џ',
  box: '│┌┐┘├┤┬┼═-╬▀▄█▌▐-▓',
};

/** Neighbours that a writer hardly ever puts side by side (ftfy 6.3, badness.py). `<a b>` is a class of these kinds. */
const suspicious = [
  '[<control>]',
  // Signs that are hardly ever meant, next to anything that mojibake is made of.
  '[<bad lower upper box start end currency numeric law>][<bad>]',
  '[<bad>][<lower upper box start end currency numeric law>]',
  '[a-zA-Z][<otherLower otherUpper>][<bad>]',
  // Letters after signs, signs after letters, in orders that no orthography has.
  '[<lower otherLower box end currency numeric>][<upper>]',
  '[<box end currency numeric>][<lower>]',
  '[<lower box end>][<currency>]',
  '[\\p{White_Space}\\x1c-\\x1f][<upper>][<currency>]',
  '[<upper box>][<numeric law>]',
  '[<upper>]°',
  '[a-z][<upper>][<start currency>]',
  // Punctuation that opens where it should close.
  '[<lower upper box currency end>][<start>][<numeric>]',
  '[<lower upper currency numeric box law>][<end>][<start>]',
  '[<currency numeric box>][<start>]',
  '[<lower upper>][<start end>][\\p{L}\\p{N}_]',
  // Parts of frames among words.
  '[<box>][<face end>]',
  '[<lower upper currency numeric start end law>][<box>]',
  '[Œœ][^A-Za-z]',
  // Windows-1252: lead bytes of Latin, Greek, Cyrillic, Arabic and Indian letters; spaces that were byte 0xa0.
  '[ÂÃÎÐ][€œŠš¢£Ÿž\\xa0\\xad®©°·»–—´<start end>]',
  '×[²³]',
  '(?:[ØÙ][<common currency bad numeric start>ŸŠ®°µ»]){2}',
  'à[²µ¹¼½¾]',
  'Ã[\\xa0¡]',
  '(?:^|[a-z][\\p{White_Space}\\x1c-\\x1f]?)[ÃÂ] ',
  '[a-z.,?!<end>]Â[ <start end>]',
  // Mac Roman.
  '√[±∂†≠®™´≤≥¥µø]',
  '≈[°¢]',
  '‚Ä[ìîïòôúùû†°¢π]',
  '‚[âó][àä°ê]',
  // Windows-1251, on its own and on top of Windows-1252.
  'вЂ',
  '[ВГРС][<control bad start end currency>°µ][ВГРС]',
  'ГўВЂВ.[A-Za-z ]',
  // Windows-1253, Windows-1257.
  'β€[™\\xa0Ά\\xad®°]',
  '[ΒΓΞΟ][<control bad start end currency>°][ΒΓΞΟ]',
  'ā€',
];

/** One of these is in each of the above; one look for them spares most texts the rest. */
const necessary = '[<control bad law currency start end numeric upper lower box>°ÙЂ]';

let patterns: readonly RegExp[] | undefined;

/** Does a text look as though UTF-8 (or Latin-1) had been read in another encoding? */
export function looksBroken(text: string): boolean {
  patterns ??= [necessary, suspicious.join('|')].map((source) => new RegExp(expandKinds(source), 'u'));
  return patterns.every((pattern) => pattern.test(text));
}

function expandKinds(source: string): string {
  return source.replace(/<([A-Za-z ]+)>/g, (_, names: string) =>
    names
      .split(' ')
      .map((name) => kinds[name]!)
      .join(''),
  );
}
