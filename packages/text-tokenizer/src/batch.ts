import type { TensorLike } from '@polymodal/modality-registry';
import type { Encoding } from './encoding.js';
import { TokenizerError } from './errors.js';

export type IdTensor = TensorLike<'int32'> & { readonly data: Int32Array };

/** Several texts as one rectangle: `ids`, `attentionMask` and `typeIds` are [batch, length]; the mask is 0 where there is padding. */
export interface BatchEncoding {
  readonly ids: IdTensor;
  readonly attentionMask: IdTensor;
  /** Where the tokenizer tells the texts of a pair apart, or pairs are given. */
  readonly typeIds?: IdTensor;
  /** With `offsets: true`, as in {@link Encoding}, padded as the ids are. */
  readonly offsets?: readonly (readonly (readonly [start: number, end: number])[])[];
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
}

/** A row of a batch: an encoding, or the bare ids of one. */
export type Row = Pick<Encoding, 'ids'> & Partial<Encoding>;

/** 2^28 ids are 1 GiB; a batch beyond that is a mistake. */
const maximumCells = 2 ** 28;

/** Puts rows of ids into one rectangle, at least `width` wide. Throws TOKENIZER_OPTIONS when it cannot. */
export function padBatch(rows: readonly Row[], width: number, pad: PaddingStyle, withTypes: boolean): BatchEncoding {
  const longest = rows.reduce((longest, { ids }) => Math.max(longest, ids.length), width);
  const length = Math.ceil(longest / pad.multiple) * pad.multiple;
  if (rows.length * length > maximumCells) {
    throw new TokenizerError({
      code: 'TOKENIZER_OPTIONS',
      message: `a batch of ${rows.length} texts × ${length} ids is too large: at most ${maximumCells} ids fit.`,
      fix: 'Encode in smaller batches, or set truncation and maxLength.',
    });
  }
  if (pad.id === undefined && rows.some(({ ids }) => ids.length < length)) {
    throw new TokenizerError({
      code: 'TOKENIZER_OPTIONS',
      message: 'this tokenizer has no padding token, but the texts are of different lengths.',
      fix: "Load it with { pad_token: '…' } as its tokenizer_config.json, or encode the texts one by one.",
    });
  }
  const plane = (fill: number): IdTensor => ({
    type: 'int32',
    dims: [rows.length, length],
    data: new Int32Array(rows.length * length).fill(fill),
  });
  const ids = plane(pad.id ?? 0); // [batch, length]
  const attentionMask = plane(0); // [batch, length]
  const typeIds = withTypes ? plane(pad.typeId ?? 0) : undefined; // [batch, length]
  rows.forEach((row, i) => {
    const start = i * length + (pad.side === 'left' ? length - row.ids.length : 0);
    ids.data.set(row.ids, start);
    attentionMask.data.fill(1, start, start + row.ids.length);
    // A row of bare ids is one text.
    if (row.typeIds === undefined) typeIds?.data.fill(0, start, start + row.ids.length);
    else typeIds?.data.set(row.typeIds, start);
  });
  return { ids, attentionMask, ...(typeIds && { typeIds }), ...(rows[0]?.offsets && { offsets: padOffsets(rows, length, pad.side) }) };
}

function padOffsets(rows: readonly Row[], length: number, side: 'left' | 'right'): NonNullable<BatchEncoding['offsets']> {
  return rows.map(({ offsets = [] }) => {
    const padding = Array.from({ length: length - offsets.length }, () => [0, 0] as const);
    return side === 'left' ? [...padding, ...offsets] : [...offsets, ...padding];
  });
}

/** Throws unless all rows have one length. */
export function checkEqualLengths(rows: readonly Row[]): void {
  const length = rows[0]?.ids.length ?? 0;
  const odd = rows.findIndex(({ ids }) => ids.length !== length);
  if (odd < 0) return;
  throw new TokenizerError({
    code: 'TOKENIZER_OPTIONS',
    message: `without padding all texts must have the same number of ids, but text 0 has ${length} and text ${odd} has ${rows[odd]!.ids.length}.`,
    fix: "Pass padding: 'longest'.",
  });
}
