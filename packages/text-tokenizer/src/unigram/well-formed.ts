/** Lone surrogates as U+FFFD; every place in the text stays what it is. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd');
}
