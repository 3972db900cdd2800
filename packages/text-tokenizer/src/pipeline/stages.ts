import type { TracedText } from './traced-text.js';

/** Rewrites a text: every normalizer, and the pre-tokenizers that insert or replace characters. */
export interface Rewriter {
  /** `atStart`: does this piece begin the raw text? (Metaspace puts a space before the first piece alone.) */
  apply(text: string, atStart: boolean): string;
  /** The same text as `apply`, with its origins; only called when the caller wants offsets. */
  trace(text: TracedText, atStart: boolean): TracedText;
}

/** Tells the pieces of a text from left to right, as ranges of UTF-16 units. What lies between them is dropped. */
export type Splitter = (text: string, emit: (start: number, end: number) => void) => void;

/** A pre-tokenizer is a list of these: each works on every piece that the one before it left. */
export type Stage = { readonly rewrite: Rewriter } | { readonly split: Splitter };
