/** What Python's `str.isspace` takes for white space: Unicode's White_Space, and four separators that JavaScript's `trim` leaves. */
const isSpace = (unit: string) => /\p{White_Space}/u.test(unit) || (unit >= '\x1c' && unit <= '\x1f');

/** Python's `str.strip`. */
export function strip(text: string): string {
  let start = 0;
  while (start < text.length && isSpace(text[start]!)) start++;
  return stripEnd(text.slice(start));
}

/** Python's `str.rstrip`. */
export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text[end - 1]!)) end--;
  return text.slice(0, end);
}
