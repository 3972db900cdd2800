import { IdBuffer } from '../id-buffer.js';
import type { Model } from '../model.js';
import type { Rewriter, Stage } from './stages.js';
import { TracedText } from './traced-text.js';

/** Finds added tokens: calls `text` for the ranges between them and `token` for them, from left to right. */
export type AddedTokenSplitter = (
  input: string,
  text: (start: number, end: number) => void,
  token: (id: number, start: number, end: number) => void,
) => void;

export interface EncoderParts {
  /** Tokens found in the raw text, and in the normalised one. */
  readonly rawTokens: AddedTokenSplitter | undefined;
  readonly normalizedTokens: AddedTokenSplitter | undefined;
  readonly normalizer: Rewriter | undefined;
  readonly stages: readonly Stage[];
  readonly model: Model;
}

/** One text as ids, before begin and end; the rest only when it was traced. */
export interface Sequence {
  readonly ids: Int32Array;
  /** Start and end of each token in the raw text, UTF-16 units. [2 × length] */
  readonly offsets?: Int32Array;
  /** Which word each token belongs to. [length] */
  readonly words?: Int32Array;
}

export interface TextEncoder {
  /** Appends the ids of a text. */
  encode(text: string, out: IdBuffer): void;
  /** The ids with their places in the raw text. */
  trace(text: string): Sequence;
}

/** The way from raw text to ids: added tokens, normalizer, pre-tokenizer, model. */
export function textEncoder(parts: EncoderParts): TextEncoder {
  return { encode: fastEncoder(parts), trace: (text) => trace(parts, text) };
}

type Sink = (text: string, atStart: boolean) => void;

function fastEncoder({ rawTokens, normalizedTokens, normalizer, stages, model }: EncoderParts): TextEncoder['encode'] {
  // One variable for all calls: nothing here calls back into the user's code.
  let out: IdBuffer;
  const words = stages.reduceRight<Sink | undefined>((next, stage) => {
    if ('rewrite' in stage) {
      const { rewrite } = stage;
      return next === undefined
        ? (text, atStart) => whole(rewrite.apply(text, atStart))
        : (text, atStart) => next(rewrite.apply(text, atStart), atStart);
    }
    const { split } = stage;
    if (next !== undefined) return (text, atStart) => split(text, (start, end) => next(text.slice(start, end), atStart && start === 0));
    return (text) =>
      split(text, (start, end) => {
        if (start < end) model.encodeWord(text, start, end, out);
      });
  }, undefined);
  const whole = (text: string) => {
    if (text !== '') model.encodeWord(text, 0, text.length, out);
  };
  const pieces: Sink = words ?? whole;
  const token = (id: number) => out.push(id);
  const section: Sink = (raw, atStart) => {
    const text = normalizer === undefined ? raw : normalizer.apply(raw, atStart);
    if (normalizedTokens === undefined) pieces(text, atStart);
    else normalizedTokens(text, (start, end) => pieces(text.slice(start, end), atStart && start === 0), token);
  };
  return (text, buffer) => {
    out = buffer;
    if (rawTokens === undefined) section(text, true);
    else rawTokens(text, (start, end) => section(text.slice(start, end), start === 0), token);
  };
}

function trace({ rawTokens, normalizedTokens, normalizer, stages, model }: EncoderParts, input: string): Sequence {
  const ids = new IdBuffer();
  const offsets = new IdBuffer();
  const words = new IdBuffer();
  let word = 0;
  const spans = new IdBuffer();
  const encodeWord = (piece: TracedText, start: number, end: number) => {
    if (start >= end) return;
    const first = ids.length;
    spans.clear();
    model.encodeWord(piece.text, start, end, ids, spans);
    for (let i = 0; i < ids.length - first; i++) {
      const [from, to] = piece.raw(spans.at(2 * i), spans.at(2 * i + 1));
      offsets.push(from);
      offsets.push(to);
      words.push(word);
    }
    word++;
  };
  const run = (piece: TracedText, atStart: boolean, i: number): void => {
    const stage = stages[i];
    if (stage === undefined) encodeWord(piece, 0, piece.text.length);
    else if ('rewrite' in stage) run(stage.rewrite.trace(piece, atStart), atStart, i + 1);
    else stage.split(piece.text, (start, end) => run(piece.slice(start, end), atStart && start === 0, i + 1));
  };
  const token = (piece: TracedText) => (id: number, start: number, end: number) => {
    ids.push(id);
    const [from, to] = piece.raw(start, end);
    offsets.push(from);
    offsets.push(to);
    words.push(word++);
  };
  const section = (raw: TracedText, atStart: boolean) => {
    const piece = normalizer === undefined ? raw : normalizer.trace(raw, atStart);
    if (normalizedTokens === undefined) run(piece, atStart, 0);
    else normalizedTokens(piece.text, (start, end) => run(piece.slice(start, end), atStart && start === 0, 0), token(piece));
  };
  const raw = TracedText.of(input);
  if (rawTokens === undefined) section(raw, true);
  else rawTokens(input, (start, end) => section(raw.slice(start, end), start === 0), token(raw));
  return { ids: ids.slice(), offsets: offsets.slice(), words: words.slice() };
}
