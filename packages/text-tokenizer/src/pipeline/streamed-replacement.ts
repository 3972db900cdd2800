/** Replaces a text in pieces of a longer one, as if that were there as a whole: it holds back no more than a beginning of what it looks for. */
export class StreamedReplacement {
  held = '';

  constructor(
    readonly from: string,
    readonly to: string,
  ) {}

  /** What is settled by this piece; with `last`, all that was held back. */
  next(piece: string, last = false): string {
    const { from, to } = this;
    const text = this.held + piece;
    let settled = '';
    let done = 0;
    for (let found = text.indexOf(from); found >= 0; found = text.indexOf(from, done)) {
      settled += text.slice(done, found) + to;
      done = found + from.length;
    }
    // Only what no match has used can begin the next one.
    let keep = last ? 0 : Math.min(from.length - 1, text.length - done);
    while (keep > 0 && !text.endsWith(from.slice(0, keep))) keep--;
    this.held = text.slice(text.length - keep);
    return settled + text.slice(done, text.length - keep);
  }
}
