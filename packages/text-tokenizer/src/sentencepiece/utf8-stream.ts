/** UTF-8 as SentencePiece decodes it (util.cc): every byte that is not part of a whole character becomes a U+FFFD of its own. */
export class Utf8Stream {
  /** The beginning of a character. */
  #held: number[] = [];

  push(byte: number, emit: (text: string) => void): void {
    this.#held.push(byte);
    while (this.#held.length > 0) {
      const size = sequenceLength(this.#held);
      if (size === 0) return;
      const taken = this.#held.splice(0, Math.max(1, size));
      emit(size < 0 ? '\ufffd' : new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(taken)));
    }
  }

  flush(emit: (text: string) => void): void {
    // No beginning of a character has a whole character in it.
    for (const _ of this.#held) emit('\ufffd');
    this.#held = [];
  }
}

/** How many bytes the first character has, 0 when some are still to come, -1 when the first byte begins none. */
function sequenceLength(bytes: readonly number[]): number {
  const [first = 0, second, third, fourth] = bytes;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return -1;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // No overlong forms, no surrogates, nothing above U+10FFFF.
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second !== undefined && (second < least || second > most)) return -1;
  if (third !== undefined && size > 2 && (third & 0xc0) !== 0x80) return -1;
  if (fourth !== undefined && size > 3 && (fourth & 0xc0) !== 0x80) return -1;
  return bytes.length < size ? 0 : size;
}
