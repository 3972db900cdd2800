import { characterLength } from '../characters.js';
import { checkGrowth } from './growth.js';

/**
 * A text that was rewritten, with the place of the raw text that each of its UTF-16 units comes from: unit `i` stands for
 * `raw.slice(starts[i], ends[i])`. All offsets that a user sees come from here.
 */
export class TracedText {
  private constructor(
    readonly text: string,
    readonly starts: Int32Array,
    readonly ends: Int32Array,
  ) {}

  /** A raw text: every unit stands for itself, and both halves of a surrogate pair for the whole character. */
  static of(text: string): TracedText {
    const starts = new Int32Array(text.length);
    const ends = new Int32Array(text.length);
    for (let start = 0; start < text.length; ) {
      const end = start + characterLength(text, start);
      for (let i = start; i < end; i++) {
        starts[i] = start;
        ends[i] = end;
      }
      start = end;
    }
    return new TracedText(text, starts, ends);
  }

  slice(start: number, end: number): TracedText {
    if (start === 0 && end === this.text.length) return this;
    return new TracedText(this.text.slice(start, end), this.starts.subarray(start, end), this.ends.subarray(start, end));
  }

  /** What `edits` leave of this text. Edits go from left to right; what they do not mention is kept. */
  rewrite(edits: Iterable<Edit>): TracedText {
    let text = '';
    let done = 0;
    let starts = new Int32Array(this.text.length + 16);
    let ends = new Int32Array(starts.length);
    let length = 0;
    const reserve = (more: number, before: number) => {
      checkGrowth(before, length + more);
      if (length + more <= starts.length) return;
      const size = Math.ceil((length + more) * 1.5);
      starts = grown(starts, size);
      ends = grown(ends, size);
    };
    const keep = (to: number) => {
      reserve(to - done, to);
      text += this.text.slice(done, to);
      // Loops, since a subarray costs more than the few units between two edits.
      for (let i = done; i < to; i++) {
        starts[length] = this.starts[i]!;
        ends[length++] = this.ends[i]!;
      }
      done = to;
    };
    for (const { start, end, content, from = start, to = end } of edits) {
      keep(start);
      const [rawStart, rawEnd] = this.raw(from, to);
      reserve(content.length, end);
      text += content;
      for (let i = 0; i < content.length; i++) {
        starts[length] = rawStart;
        ends[length++] = rawEnd;
      }
      done = end;
    }
    keep(this.text.length);
    return new TracedText(text, starts.subarray(0, length), ends.subarray(0, length));
  }

  /** The raw place of [start, end) of this text; an empty range lies where the unit before it ends. */
  raw(start: number, end: number): readonly [start: number, end: number] {
    if (start < end) return [this.starts[start]!, this.ends[end - 1]!];
    const at = start > 0 ? this.ends[start - 1]! : (this.starts[0] ?? 0);
    return [at, at];
  }
}

/** `content` in place of [start, end); each unit of it comes from what [from, to) comes from, by default what was replaced. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly content: string;
  readonly from?: number;
  readonly to?: number;
}

function grown(array: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(array);
  return larger;
}
