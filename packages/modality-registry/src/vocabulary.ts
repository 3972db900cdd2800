import { PolymodalError } from './errors.js';
import type { Modality } from './media.js';

/** A range that cannot be handed out, or an id that belongs to none. Codes: VOCABULARY_SIZE, VOCABULARY_OVERLAP, VOCABULARY_TAKEN, VOCABULARY_ABSENT, VOCABULARY_ID, VOCABULARY_MARKERS */
export class VocabularyError extends PolymodalError {}

/** Ids `start` to `end` (exclusive) of the shared space belong to `modality`; `begin` and `end…Id` lie among them. */
export interface VocabularyRange<M extends Modality = Modality> {
  readonly modality: M;
  /** The shared id of the modality's own id 0. */
  readonly start: number;
  /** One past the last shared id, markers included. */
  readonly end: number;
  /** The number of the modality's own ids. */
  readonly size: number;
  /** The shared id that opens a run of this modality. */
  readonly beginId: number;
  /** The shared id that closes it. */
  readonly endId: number;
}

export interface ReserveOptions {
  /** The number of the modality's own ids. */
  readonly size: number;
  /** Where the range begins; by default right after all that is reserved. */
  readonly start?: number;
  /** The modality's own ids that already mean begin and end; without them two ids are added after the last. */
  readonly markers?: { readonly begin: number; readonly end: number };
}

/** A run of ids of one modality, numbered as that modality's tokenizer numbers them. */
export interface VocabularySegment<M extends Modality = Modality> {
  readonly modality: M;
  readonly ids: ArrayLike<number>;
}

/** One id space that several modalities share, as in DALL-E, Chameleon and Emu: disjoint ranges, each with a begin and an end id. */
export interface SharedVocabulary {
  /** In order of `start`. */
  readonly ranges: readonly VocabularyRange[];
  /** One past the highest id: the rows that an embedding table needs. */
  readonly size: number;
  /** Hands out a range. @throws VocabularyError when it would overlap another, the modality has one, or ids would pass int32 */
  reserve<M extends Modality>(modality: M, options: ReserveOptions): VocabularyRange<M>;
  /** @throws VocabularyError listing the modalities that have a range */
  range<M extends Modality>(modality: M): VocabularyRange<M>;
  /** The range that an id lies in, or undefined. */
  rangeOf(id: number): VocabularyRange | undefined;
  /** Each segment's ids moved into its range, between its begin and end ids. @throws VocabularyError for an id outside the modality's own, or a marker */
  join(segments: readonly VocabularySegment[]): Int32Array;
  /** The inverse of `join`. A last segment without its end id is still open (a model is writing it) and is returned as it is. */
  split(ids: ArrayLike<number>): VocabularySegment[];
}

const limit = 2 ** 31 - 1;

/** An empty shared id space. */
export function createVocabulary(): SharedVocabulary {
  const ranges: VocabularyRange[] = [];
  const size = (): number => ranges.at(-1)?.end ?? 0;
  const names = (): string => ranges.map((range) => range.modality).join(', ') || 'none';

  const range = <M extends Modality>(modality: M): VocabularyRange<M> => {
    const found = ranges.find((candidate) => candidate.modality === modality);
    if (found !== undefined) return found as VocabularyRange<M>;
    throw new VocabularyError({
      code: 'VOCABULARY_ABSENT',
      message: `no ids are reserved for '${modality}'; there are ranges for: ${names()}.`,
      fix: `Call reserve('${modality}', { size }) first.`,
    });
  };

  const reserve = <M extends Modality>(modality: M, options: ReserveOptions): VocabularyRange<M> => {
    const made = layOut(modality, options, options.start ?? size());
    if (ranges.some((other) => other.modality === modality)) {
      throw new VocabularyError({
        code: 'VOCABULARY_TAKEN',
        message: `'${modality}' already has ids ${span(range(modality))}; a modality has one range.`,
        fix: 'Use range(modality), or a second vocabulary.',
      });
    }
    const other = ranges.find((candidate) => made.start < candidate.end && candidate.start < made.end);
    if (other !== undefined) {
      throw new VocabularyError({
        code: 'VOCABULARY_OVERLAP',
        message: `ids ${span(made)} for '${modality}' overlap ${span(other)} of '${other.modality}'.`,
        fix: `Leave \`start\` out, or start at ${size()} or later.`,
      });
    }
    ranges.push(made);
    ranges.sort((a, b) => a.start - b.start);
    return made;
  };

  const rangeOf = (id: number): VocabularyRange | undefined => {
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ranges[middle]!.end <= id) low = middle + 1;
      else high = middle;
    }
    const found = ranges[low];
    return found !== undefined && Number.isInteger(id) && id >= found.start ? found : undefined;
  };

  const join = (segments: readonly VocabularySegment[]): Int32Array => {
    const joined = new Int32Array(segments.reduce((length, { ids }) => length + ids.length + 2, 0));
    let at = 0;
    for (const { modality, ids } of segments) {
      const { start, size: own, beginId, endId } = range(modality);
      joined[at++] = beginId;
      for (let i = 0; i < ids.length; i++) {
        const id = ids[i]!;
        if (!Number.isInteger(id) || id < 0 || id >= own) throw idError(`id ${id} is not one of the ${own} ids of '${modality}'`);
        if (id + start === beginId || id + start === endId) {
          throw idError(`id ${id} is a marker of '${modality}', which join adds itself`, 'Encode without special tokens.');
        }
        joined[at++] = id + start;
      }
      joined[at++] = endId;
    }
    return joined;
  };

  const split = (ids: ArrayLike<number>): VocabularySegment[] => {
    const segments: VocabularySegment[] = [];
    let open: VocabularyRange | undefined;
    let own: number[] = [];
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      const found = rangeOf(id);
      if (found === undefined) throw idError(`id ${id} at ${i} is in no range; there are ranges for: ${names()}`);
      if (open === undefined) {
        if (id !== found.beginId) throw idError(`id ${id} at ${i} comes before the begin id ${found.beginId} of '${found.modality}'`);
        open = found;
        own = [];
      } else if (found !== open || id === open.beginId) {
        throw idError(`id ${id} at ${i} is '${found.modality}' inside a run of '${open.modality}' that has not ended`);
      } else if (id === open.endId) {
        segments.push({ modality: open.modality, ids: own });
        open = undefined;
      } else {
        own.push(id - open.start);
      }
    }
    if (open !== undefined) segments.push({ modality: open.modality, ids: own });
    return segments;
  };

  return {
    get ranges() {
      return [...ranges];
    },
    get size() {
      return size();
    },
    reserve,
    range,
    rangeOf,
    join,
    split,
  };
}

function layOut<M extends Modality>(modality: M, { size, markers }: ReserveOptions, start: number): VocabularyRange<M> {
  const end = start + size + (markers === undefined ? 2 : 0);
  if (!Number.isSafeInteger(size) || size < 1 || !Number.isSafeInteger(start) || start < 0 || end > limit) {
    throw new VocabularyError({
      code: 'VOCABULARY_SIZE',
      message: `${size} ids for '${modality}' from ${start} on were asked for, but size is an integer from 1, start from 0, and ids are int32.`,
      fix: "Pass the tokenizer's vocabularySize.",
    });
  }
  if (markers === undefined) return { modality, start, end, size, beginId: end - 2, endId: end - 1 };
  const own = (id: number): boolean => Number.isInteger(id) && id >= 0 && id < size;
  if (!own(markers.begin) || !own(markers.end) || markers.begin === markers.end) {
    throw new VocabularyError({
      code: 'VOCABULARY_MARKERS',
      message: `begin ${markers.begin} and end ${markers.end} of '${modality}' are not two of its ${size} ids.`,
      fix: 'Leave `markers` out, and two ids are added.',
    });
  }
  return { modality, start, end, size, beginId: start + markers.begin, endId: start + markers.end };
}

function span({ start, end }: VocabularyRange): string {
  return `${start} to ${end - 1}`;
}

function idError(message: string, fix?: string): VocabularyError {
  return new VocabularyError({ code: 'VOCABULARY_ID', message: `${message}.`, ...(fix === undefined ? {} : { fix }) });
}
