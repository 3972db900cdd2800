type Form = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** Runs of marks up to here are put in order by the engine; it takes quadratic time for longer ones. The half-width marks decompose to marks. */
const longRun = /[\p{M}\uff9e\uff9f]{200,}/gu;

/** `text.normalize(form)` in linear time for any text: half a megabyte of mixed combining marks would otherwise take minutes. */
export function normalize(text: string, form: Form): string {
  if (text.length < 1000) return text.normalize(form);
  const decomposition = form === 'NFC' || form === 'NFD' ? 'NFD' : 'NFKD';
  return text
    .replace(longRun, (run) => (isOrdered(run, decomposition) ? run : sortMarks(Array.from(run, (mark) => mark.normalize(decomposition)))))
    .normalize(form);
}

/** Do no two neighbours change places? (Then there is nothing that takes the engine long.) */
function isOrdered(run: string, form: Form): boolean {
  const known = new Set<string>();
  let last = '';
  for (const mark of run) {
    if (mark === last) continue;
    const pair = last + mark;
    if (!known.has(pair) && pair.normalize(form) !== pair) return false;
    known.add(pair);
    last = mark;
  }
  return true;
}

/** Puts decomposed marks in canonical order: by combining class, stable, between marks of class 0. */
function sortMarks(decomposed: readonly string[]): string {
  const marks = [...decomposed.join('')];
  const classes = combiningClasses(marks);
  const buckets = new Map<number, string[]>();
  let out = '';
  const settle = () => {
    for (const combiningClass of [...buckets.keys()].sort((a, b) => a - b)) out += buckets.get(combiningClass)!.join('');
    buckets.clear();
  };
  for (const mark of marks) {
    const combiningClass = classes.get(mark)!;
    if (combiningClass === 0) {
      settle();
      out += mark;
      continue;
    }
    const bucket = buckets.get(combiningClass);
    if (bucket === undefined) buckets.set(combiningClass, [mark]);
    else bucket.push(mark);
  }
  settle();
  return out;
}

/** Numbers in the order of the marks' combining classes, 0 where the class is 0. */
function combiningClasses(marks: readonly string[]): ReadonlyMap<string, number> {
  const distinct = [...new Set(marks)];
  const classes = new Map(distinct.map((mark) => [mark, 0]));
  const combining = distinct.filter(isMark).sort((a, b) => (sortsBefore(a, b) ? -1 : sortsBefore(b, a) ? 1 : 0));
  let combiningClass = 0;
  combining.forEach((mark, i) => {
    if (i === 0 || sortsBefore(combining[i - 1]!, mark)) combiningClass++;
    classes.set(mark, combiningClass);
  });
  return classes;
}

/**
 * Is the combining class of `first` lower than that of `second`, both decomposed marks? JavaScript does not tell the classes, but how
 * normalising orders two marks does.
 */
export function sortsBefore(first: string, second: string): boolean {
  return (second + first).normalize('NFD') === first + second && first !== second;
}

/** Is the combining class other than 0? U+0334 has the lowest class of all marks, U+0345 the highest. */
export function isMark(character: string): boolean {
  return character >= '\u0300' && (sortsBefore('\u0334', character) || sortsBefore(character, '\u0345'));
}
