import { characterLength, characterStart } from '../characters.js';
import type { JsonReader } from '../json/json-reader.js';
import type { Rewriter } from '../pipeline/stages.js';
import type { AddedTokenSplitter } from '../pipeline/text-encoder.js';

/** A token that is found in the text before the model sees it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Skipped by `decode(ids, { skipSpecialTokens: true })`. */
  readonly special: boolean;
  /** Only where no letter, digit or underscore touches it. */
  readonly singleWord: boolean;
  /** Takes the white space on its left, on its right. */
  readonly leftStrip: boolean;
  readonly rightStrip: boolean;
  /** Searched in the normalised text rather than in the raw one. */
  readonly normalized: boolean;
}

export function readAddedTokens(json: JsonReader): AddedToken[] {
  if (json.absent) return [];
  return json.array(1_000_000).map((item) => {
    const special = item.field('special').boolean(false);
    return {
      id: item.field('id').integer(),
      content: item.field('content').string(),
      special,
      singleWord: item.field('single_word').boolean(false),
      leftStrip: item.field('lstrip').boolean(false),
      rightStrip: item.field('rstrip').boolean(false),
      normalized: item.field('normalized').boolean(!special),
    };
  });
}

interface TrieNode {
  readonly children: Map<number, TrieNode>;
  token?: AddedToken;
}

/** Splits at added tokens, leftmost first, then longest (huggingface/tokenizers, added_vocabulary.rs); undefined without tokens. */
export function addedTokenSplitter(tokens: readonly AddedToken[], normalizer?: Rewriter): AddedTokenSplitter | undefined {
  const root: TrieNode = { children: new Map() };
  let any = false;
  for (const token of tokens) {
    const content = normalizer === undefined ? token.content : normalizer.apply(token.content, true);
    if (content === '') continue;
    any = true;
    let node = root;
    for (let i = 0; i < content.length; i++) {
      const code = content.charCodeAt(i);
      let child = node.children.get(code);
      if (child === undefined) {
        child = { children: new Map() };
        node.children.set(code, child);
      }
      node = child;
    }
    node.token = token;
  }
  if (!any) return undefined;
  // Most texts hold no token at all, and a regular expression passes over them faster than a loop.
  const codes = [...root.children.keys()].map((code) => `\\u${code.toString(16).padStart(4, '0')}`);
  const first = new RegExp(`[${codes.join('')}]`, 'g');

  return (input, text, emit) => {
    let done = 0;
    for (let at = 0; ; ) {
      first.lastIndex = at;
      if (!first.test(input)) break;
      at = first.lastIndex - 1;
      const match = longestMatch(root, input, at);
      if (match === undefined) {
        at++;
        continue;
      }
      const { token } = match;
      let start = at;
      let end = match.end;
      // The search goes on after the token itself, even where white space after it was taken.
      at = end;
      if (token.singleWord && (isWordBefore(input, start) || isWordAfter(input, end))) continue;
      if (token.leftStrip) while (start > done && isSpace(input, start - 1)) start--;
      if (token.rightStrip) while (end < input.length && isSpace(input, end)) end++;
      if (start > done) text(done, start);
      emit(token.id, start, end);
      done = end;
    }
    if (done < input.length) text(done, input.length);
  };
}

function longestMatch(root: TrieNode, input: string, start: number): { token: AddedToken; end: number } | undefined {
  let node = root.children.get(input.charCodeAt(start));
  if (node === undefined) return undefined;
  let found: { token: AddedToken; end: number } | undefined;
  for (let end = start + 1; node !== undefined; end++) {
    if (node.token !== undefined) found = { token: node.token, end };
    if (end >= input.length) break;
    node = node.children.get(input.charCodeAt(end));
  }
  return found;
}

/** Rust's \w: letters, marks, decimal digits, connectors. */
const word = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

function isWordBefore(input: string, at: number): boolean {
  return at > 0 && word.test(input.slice(characterStart(input, at), at));
}

function isWordAfter(input: string, at: number): boolean {
  return at < input.length && word.test(input.slice(at, at + characterLength(input, at)));
}

function isSpace(input: string, at: number): boolean {
  return /\p{White_Space}/u.test(input[at]!);
}
