import type { TensorLike } from '@polymodal/modality-registry';
import { TokenizerError } from './errors.js';

export interface EncodeOptions {
  /** Put begin and end tokens around the text, as the tokenizer's post-processor says; true by default. */
  readonly addSpecialTokens?: boolean;
  /**
   * What happens to a text of more than `maxLength` ids. `true` cuts the text so that begin and end tokens stay, as the Python originals do;
   * `'tail'` cuts the finished sequence, end token included, as transformers.js does; `false` throws TOKENIZER_TOO_LONG when
   * `maxLength` is given, and leaves it otherwise. False by default.
   */
  readonly truncation?: boolean | 'tail';
  /** Ids per text, begin and end included; the model's own limit by default. */
  readonly maxLength?: number;
}

export interface BatchOptions extends EncodeOptions {
  /** To the longest text of the batch (the default), to `maxLength`, or not at all (all must then be of one length). */
  readonly padding?: 'longest' | 'max' | false;
}

/** `ids` and `attentionMask` are [batch, length]; the mask is 0 where there is padding. */
export interface BatchEncoding {
  readonly ids: TensorLike<'int32'>;
  readonly attentionMask: TensorLike<'int32'>;
}

export interface PaddingStyle {
  /** Undefined when the tokenizer has no padding token. */
  readonly id: number | undefined;
  readonly side: 'left' | 'right';
  /** Lengths are rounded up to a multiple of this. */
  readonly multiple: number;
}

/** 2^28 ids are 1 GiB; a batch beyond that is a mistake. */
const maximumCells = 2 ** 28;

/** Puts rows of ids into one rectangle. Throws TOKENIZER_OPTIONS when it cannot. */
export function padBatch(rows: readonly Int32Array[], width: number | undefined, pad: PaddingStyle): BatchEncoding {
  const longest = rows.reduce((longest, row) => Math.max(longest, row.length), 0);
  const length = Math.ceil(Math.max(longest, width ?? 0) / pad.multiple) * pad.multiple;
  if (rows.length * length > maximumCells) {
    throw new TokenizerError({
      code: 'TOKENIZER_OPTIONS',
      message: `a batch of ${rows.length} texts × ${length} ids is too large: at most ${maximumCells} ids fit.`,
      fix: 'Encode in smaller batches, or set truncation and maxLength.',
    });
  }
  if (pad.id === undefined && rows.some((row) => row.length < length)) {
    throw new TokenizerError({
      code: 'TOKENIZER_OPTIONS',
      message: 'this tokenizer has no padding token, but the texts are of different lengths.',
      fix: "Load it with { pad_token: '…' } as its tokenizer_config.json, or encode the texts one by one.",
    });
  }
  const dims = [rows.length, length];
  const ids = new Int32Array(rows.length * length).fill(pad.id ?? 0); // [batch, length]
  const mask = new Int32Array(rows.length * length); // [batch, length]
  rows.forEach((row, i) => {
    const start = i * length + (pad.side === 'left' ? length - row.length : 0);
    ids.set(row, start);
    mask.fill(1, start, start + row.length);
  });
  return { ids: { type: 'int32', dims, data: ids }, attentionMask: { type: 'int32', dims, data: mask } };
}

/** Rows of one length, unpadded. */
export function stackRows(rows: readonly Int32Array[]): BatchEncoding {
  const length = rows[0]?.length ?? 0;
  const odd = rows.findIndex((row) => row.length !== length);
  if (odd >= 0) {
    throw new TokenizerError({
      code: 'TOKENIZER_OPTIONS',
      message: `without padding all texts must have the same number of ids, but text 0 has ${length} and text ${odd} has ${rows[odd]!.length}.`,
      fix: "Pass padding: 'longest'.",
    });
  }
  return padBatch(rows, length, { id: undefined, side: 'right', multiple: 1 });
}

export function checkMaxLength(maxLength: number | undefined, least: number): void {
  if (maxLength === undefined || (Number.isInteger(maxLength) && maxLength >= Math.max(1, least))) return;
  throw new TokenizerError({
    code: 'TOKENIZER_OPTIONS',
    message: `maxLength is ${maxLength}, but a whole number of at least ${Math.max(1, least)} was expected${least > 0 ? ' (begin and end tokens count)' : ''}.`,
    fix: 'Raise maxLength.',
  });
}
