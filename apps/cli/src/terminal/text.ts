import stringWidth from 'string-width';

/** Makes text from outside (file names, model names) safe to print: one line, and no escape sequences that a terminal would obey. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

export type Align = 'left' | 'right';

/** Lines of a table whose columns are as wide as their widest cell on the screen: a Chinese character takes two places. */
export function table(rows: readonly (readonly string[])[], align: readonly Align[], indent = '  '): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = align.map((_, column) => Math.max(...cells.map((row) => stringWidth(row[column] ?? ''))));
  return cells.map((row) => {
    const padded = row.map((cell, column) => {
      const gap = ' '.repeat(widths[column]! - stringWidth(cell));
      return align[column] === 'right' ? gap + cell : cell + gap;
    });
    return (indent + padded.join('  ')).trimEnd();
  });
}

export function seconds(milliseconds: number): string {
  return milliseconds < 100 ? `${milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** `1 picture`, `1,322 pictures`. */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
}
