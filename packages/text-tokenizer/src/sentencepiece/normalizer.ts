import type { Rewriter } from '../pipeline/stages.js';
import type { Edit, TracedText } from '../pipeline/traced-text.js';
import { wellFormed } from '../unigram/well-formed.js';
import type { NormalizerSpec } from './model-file.js';
import type { PrefixMatcher } from './prefix-matcher.js';

/** What stands for a space. */
export const spaceSymbol = '▁';

/**
 * SentencePiece's normalisation (normalizer.cc): the longest rule at every place, white space squeezed, a space before or after the text,
 * spaces as `▁`. User-defined symbols stay as they are.
 */
export function sentencePieceNormalizer(spec: NormalizerSpec, asSuffix: boolean, matcher: PrefixMatcher | undefined): Rewriter {
  return {
    apply: (text) => normalize(text, spec, asSuffix, matcher),
    trace(text) {
      const origins: number[] = [];
      const normalized = normalize(text.text, spec, asSuffix, matcher, origins);
      return text.rewrite(edits(text, normalized, origins));
    },
  };
}

/** In `origins`, for each unit of the result where in the text it comes from, and where what comes after the last one does. */
function normalize(raw: string, spec: NormalizerSpec, asSuffix: boolean, matcher: PrefixMatcher | undefined, origins?: number[]): string {
  const text = wellFormed(raw);
  const { rules, addDummyPrefix, removeExtraWhitespaces: squeeze, escapeWhitespaces } = spec;
  const space = escapeWhitespaces ? spaceSymbol : ' ';
  let end = 0;
  /** What the beginning of the rest becomes; it ends at `end`. */
  const prefix = (at: number): string => {
    end = matcher?.end(text, at) ?? -1;
    if (end >= 0) return text.slice(at, end);
    const content = rules?.longest(text, at);
    if (content !== undefined) {
      end = rules!.end;
      return content;
    }
    const pair = (text.charCodeAt(at) & 0xfc00) === 0xd800;
    end = pair ? at + 2 : at + 1;
    return pair ? text.slice(at, end) : text[at]!;
  };
  let out = '';
  const push = (content: string, origin: number) => {
    out += content;
    if (origins !== undefined) for (let i = 0; i < content.length; i++) origins.push(origin);
  };

  let at = 0;
  if (squeeze) while (at < text.length && prefix(at) === ' ') at = end;
  if (at === text.length) {
    origins?.push(at);
    return '';
  }
  if (addDummyPrefix && !asSuffix) push(space, at);
  let afterSpace = squeeze;
  while (at < text.length) {
    let content = prefix(at);
    if (afterSpace) while (content.startsWith(' ')) content = content.slice(1);
    if (content !== '') {
      afterSpace = squeeze && content.endsWith(' ');
      push(escapeWhitespaces ? content.replaceAll(' ', spaceSymbol) : content, at);
    }
    at = end;
  }
  let last = at;
  if (squeeze) {
    let length = out.length;
    while (length > 0 && out[length - 1] === space) length--;
    if (origins !== undefined && length < out.length) {
      last = origins[length]!;
      origins.length = length;
    }
    out = out.slice(0, length);
  }
  at = last;
  if (addDummyPrefix && asSuffix) push(space, at);
  origins?.push(at);
  return out;
}

/** Every unit reaches from where it comes from to where the next one does, as the library counts a piece's place. */
function* edits(text: TracedText, normalized: string, origins: readonly number[]): Generator<Edit> {
  for (let i = 0; i < normalized.length; i++) {
    yield { start: 0, end: 0, content: normalized[i]!, from: origins[i]!, to: origins[i + 1]! };
  }
  yield { start: 0, end: text.text.length, content: '' };
}
