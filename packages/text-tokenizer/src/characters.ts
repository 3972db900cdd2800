/** How many UTF-16 units the character at `at` has: 2 where both halves of a surrogate pair are there. */
export function characterLength(text: string, at = 0): 1 | 2 {
  return text.codePointAt(at)! > 0xffff ? 2 : 1;
}

/** Where the character before `end` starts, `limit` at the least. */
export function characterStart(text: string, end: number, limit = 0): number {
  return end - 2 >= limit && characterLength(text, end - 2) === 2 ? end - 2 : end - 1;
}

/** Where the first character of a text ends. */
export function firstCharacterEnd(text: string): number {
  return Math.min(characterLength(text), text.length);
}
