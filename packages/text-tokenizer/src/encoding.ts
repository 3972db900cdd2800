import { isSpecialItem, type TemplateItem } from './pipeline/template.js';
import type { Sequence } from './pipeline/text-encoder.js';

/** One text (or pair) as ids, begin and end tokens included. All arrays have one element per id. */
export interface Encoding {
  readonly ids: Int32Array;
  /** Segment of each token: 0, or what the post-processor gives the second text. */
  readonly typeIds: Int32Array;
  /** With `offsets: true`: start and end of each token in its raw text, in UTF-16 units; [0, 0] for begin, end and separators. */
  readonly offsets?: readonly (readonly [start: number, end: number])[];
  /** With `offsets: true`: the word of each token, counted per text; -1 for begin, end and separators. */
  readonly wordIds?: Int32Array;
  /** With `offsets: true`: 0 for tokens of the first text, 1 for those of the second, -1 for begin, end and separators. */
  readonly sequenceIds?: Int32Array;
  /** With `overflow: true`: the parts of a long text that truncation cut off, each finished like the first. */
  readonly overflowing?: readonly Encoding[];
}

/** What a template makes of the two texts. */
export function assemble(items: readonly TemplateItem[], first: Sequence, second: Sequence | undefined): Encoding {
  const sequence = (item: { sequence: 'A' | 'B' }) => (item.sequence === 'A' ? first : second!);
  const length = items.reduce((sum, item) => sum + (isSpecialItem(item) ? 1 : sequence(item).ids.length), 0);
  const ids = new Int32Array(length);
  const typeIds = new Int32Array(length);
  const traced = first.offsets !== undefined;
  const offsets: [number, number][] = [];
  const wordIds = new Int32Array(traced ? length : 0).fill(-1);
  const sequenceIds = wordIds.slice();
  let at = 0;
  for (const item of items) {
    const start = at;
    if (isSpecialItem(item)) {
      ids[at++] = item.id;
      if (traced) offsets.push([0, 0]);
    } else {
      const part = sequence(item);
      ids.set(part.ids, at);
      at += part.ids.length;
      if (traced) {
        for (let i = 0; i < part.ids.length; i++) offsets.push([part.offsets![2 * i]!, part.offsets![2 * i + 1]!]);
        wordIds.set(part.words!, start);
        sequenceIds.fill(item.sequence === 'A' ? 0 : 1, start, at);
      }
    }
    typeIds.fill(item.typeId, start, at);
  }
  return traced ? { ids, typeIds, offsets, wordIds, sequenceIds } : { ids, typeIds };
}

/** Some of a sequence's tokens. */
export function cut({ ids, offsets, words }: Sequence, start: number, end: number): Sequence {
  if (start === 0 && end === ids.length) return { ids, ...(offsets && { offsets }), ...(words && { words }) };
  return {
    ids: ids.slice(start, end),
    ...(offsets && { offsets: offsets.slice(2 * start, 2 * end) }),
    ...(words && { words: words.slice(start, end) }),
  };
}

/** Leaves the spaces that tokens begin or end with out of their offsets (huggingface/tokenizers, pre_tokenizers/byte_level.rs). */
export function trimOffsets(sequence: Sequence, token: (id: number) => string | undefined, addPrefixSpace: boolean): Sequence {
  const { ids, offsets } = sequence;
  if (offsets === undefined) return sequence;
  const trimmed = offsets.slice();
  ids.forEach((id, i) => {
    const spelling = token(id) ?? '';
    let start = offsets[2 * i]!;
    let end = offsets[2 * i + 1]!;
    let leading = 0;
    while (leading < spelling.length && isSpace(spelling, leading)) leading++;
    let trailing = 0;
    while (trailing < spelling.length && isSpace(spelling, spelling.length - 1 - trailing)) trailing++;
    // A space that the tokenizer put there is in no offset.
    if (leading === 1 && addPrefixSpace && (i === 0 || start === 0)) leading = 0;
    start = Math.min(start + leading, end);
    if (trailing > 0 && end >= trailing) end = Math.max(end - trailing, start);
    trimmed[2 * i] = start;
    trimmed[2 * i + 1] = end;
  });
  return { ...sequence, offsets: trimmed };
}

/** White space, or `Ġ`, which is how byte-level tokens spell a space. */
function isSpace(text: string, at: number): boolean {
  return text[at] === 'Ġ' || /\p{White_Space}/u.test(text[at]!);
}
