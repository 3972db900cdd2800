/** Where the first character of a text ends: after both halves of a surrogate pair. */
export function firstCharacterEnd(text: string): number {
  return text.length > 1 && text.codePointAt(0)! > 0xffff ? 2 : Math.min(1, text.length);
}
