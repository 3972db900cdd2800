import type { TensorLike } from '@polymodal/modality-registry';
import type { Encoding } from './encoding.js';
import { describe, inputError, optionsError } from './errors.js';
import type { IdBuffer } from './id-buffer.js';

export type IdTensor = TensorLike<'int32'> & { readonly data: Int32Array };

/** Several texts as one rectangle: `ids`, `attentionMask` and `typeIds` are [batch, length]; the mask is 0 where there is padding. */
export interface BatchEncoding {
  readonly ids: IdTensor;
  readonly attentionMask: IdTensor;
  /** Where the tokenizer tells the texts of a pair apart, or pairs are given. */
  readonly typeIds?: IdTensor;
  /** With `offsets: true`, as in {@link Encoding}, padded as the ids are. */
  readonly offsets?: readonly (readonly (readonly [start: number, end: number])[])[];
  /** With `offsets: true`, as in {@link Encoding}, [batch][length], padded with -1. */
  readonly wordIds?: readonly Int32Array[];
  /** With `offsets: true`, as in {@link Encoding}, [batch][length], padded with -1. */
  readonly sequenceIds?: readonly Int32Array[];
  /** With `overflow: true`: which text each row comes from. */
  readonly sampleIndex?: Int32Array;
}

export interface PaddingStyle {
  /** Undefined when the tokenizer has no padding token. */
  readonly id: number | undefined;
  readonly typeId?: number;
  readonly side: 'left' | 'right';
  /** Lengths are rounded up to a multiple of this. */
  readonly multiple: number;
  /** At least so many ids in a row, where the caller does not say how to pad. */
  readonly fixed?: number;
}

/** What the caller of a batch asks for. */
export interface Shape extends PaddingStyle {
  /** At least so many ids in a row. */
  readonly width: number;
  /** No padding: all rows must have one length. */
  readonly equal: boolean;
}

/** A row of a batch: an encoding, or the bare ids of one. */
export type Row = Pick<Encoding, 'ids'> & Partial<Encoding>;

/** 2^28 ids are 1 GiB; a batch beyond that is a mistake. */
const maximumCells = 2 ** 28;

/**
 * A rectangle of rows of these lengths; `write` puts the ids of a row, and types that are not 0, where they belong. Throws TOKENIZER_OPTIONS
 * when there is no such rectangle.
 */
function layOut(
  lengths: Int32Array | readonly number[],
  shape: Shape,
  withTypes: boolean,
  write: (row: number, at: number, ids: Int32Array, typeIds: Int32Array | undefined) => void,
): BatchEncoding {
  let longest = shape.width;
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < lengths.length; i++) {
    longest = Math.max(longest, lengths[i]!);
    shortest = Math.min(shortest, lengths[i]!);
  }
  const length = Math.ceil(longest / shape.multiple) * shape.multiple;
  const cells = lengths.length * length;
  if (cells > maximumCells) {
    throw optionsError(
      `a batch of ${lengths.length} texts × ${length} ids is too large: at most ${maximumCells} ids fit.`,
      'Encode in smaller batches, or set truncation and maxLength.',
    );
  }
  const odd = shape.equal ? lengths.findIndex((other) => other !== lengths[0]) : -1;
  if (odd >= 0) {
    throw optionsError(
      `without padding all texts must have the same number of ids, but text 0 has ${lengths[0]} and text ${odd} has ${lengths[odd]}.`,
      "Pass padding: 'longest'.",
    );
  }
  if (shape.id === undefined && shortest < length) {
    throw optionsError(
      'this tokenizer has no padding token, but the texts are of different lengths.',
      "Load it with { pad_token: '…' } as its tokenizer_config.json, or encode the texts one by one.",
    );
  }
  const dims = [lengths.length, length];
  const plane = (value: number): IdTensor => ({ type: 'int32', dims, data: new Int32Array(cells).fill(value) });
  const ids = plane(shape.id ?? 0); // [batch, length]
  const attentionMask = plane(0); // [batch, length]
  const typeIds = withTypes ? plane(shape.typeId ?? 0) : undefined; // [batch, length]
  for (let row = 0; row < lengths.length; row++) {
    const at = row * length + (shape.side === 'left' ? length - lengths[row]! : 0);
    const end = at + lengths[row]!;
    // Rows are short: a loop takes less than a call.
    for (let i = at; i < end; i++) attentionMask.data[i] = 1;
    typeIds?.data.fill(0, at, end);
    write(row, at, ids.data, typeIds?.data);
  }
  return { ids, attentionMask, ...(typeIds && { typeIds }) };
}

const perId = ['typeIds', 'offsets', 'wordIds', 'sequenceIds'] as const;

/** A row with its ids by name. Throws TOKENIZER_INPUT for what is none. */
export function checkRow(given: Int32Array | Row, index: number): Row {
  const row = typeof given === 'object' && given !== null && !('ids' in given) ? { ids: given } : given;
  const ids: unknown = row?.ids;
  const whole = (id: unknown) => typeof id === 'number' && (id | 0) === id;
  if (!(ids instanceof Int32Array || (Array.isArray(ids) && ids.every(whole)))) {
    throw inputError(`row ${index} is ${describe(given)}, but an Int32Array of ids was expected.`, 'Pass ids as encode gives them.');
  }
  const odd = perId.find((name) => row[name] !== undefined && row[name].length !== ids.length);
  if (odd === undefined) return row;
  throw inputError(`row ${index} has ${ids.length} ids, but ${row[odd]!.length} ${odd}.`, 'Pass rows as encode gives them.');
}

/** Puts rows of ids into one rectangle. Throws TOKENIZER_OPTIONS when it cannot. */
export function padBatch(rows: readonly Row[], shape: Shape, withTypes: boolean): BatchEncoding {
  const batch = layOut(
    rows.map((row) => row.ids.length),
    shape,
    withTypes,
    (i, at, ids, types) => {
      const row = rows[i]!;
      ids.set(row.ids, at);
      // A row of bare ids is one text.
      if (row.typeIds !== undefined) types?.set(row.typeIds, at);
    },
  );
  if (rows[0]?.offsets === undefined) return batch;
  const length = batch.ids.dims[1]!;
  const plane = (name: 'wordIds' | 'sequenceIds') =>
    rows.map((row) => {
      const { [name]: given = [] } = row;
      const padded = new Int32Array(length).fill(-1);
      padded.set(given, shape.side === 'left' ? length - given.length : 0);
      return padded;
    });
  return { ...batch, offsets: padOffsets(rows, length, shape.side), wordIds: plane('wordIds'), sequenceIds: plane('sequenceIds') };
}

/** The same of rows that lie one after the other in `ids`, row `i` ending at `ends[i]`: nothing is allocated for a row. */
export function padFlat(flat: IdBuffer, ends: Int32Array, shape: Shape, withTypes: boolean): BatchEncoding {
  const lengths = ends.map((end, i) => end - (i === 0 ? 0 : ends[i - 1]!));
  return layOut(lengths, shape, withTypes, (row, at, ids) => {
    const first = ends[row]! - lengths[row]!;
    for (let i = 0; i < lengths[row]!; i++) ids[at + i] = flat.at(first + i);
  });
}

function padOffsets(rows: readonly Row[], length: number, side: 'left' | 'right'): NonNullable<BatchEncoding['offsets']> {
  return rows.map(({ offsets = [] }) => {
    const padding = Array.from({ length: length - offsets.length }, () => [0, 0] as const);
    return side === 'left' ? [...padding, ...offsets] : [...offsets, ...padding];
  });
}
