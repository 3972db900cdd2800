import { CheckpointError, quoted } from './checkpoint-error.js';
import { type StoredType, storedTypes } from './formats/elements.js';

export interface TensorEntry {
  readonly name: string;
  readonly stored: StoredType;
  readonly dims: readonly number[];
  readonly count: number;
  /** Bytes from the end of the header. */
  readonly start: number;
  readonly end: number;
}

export interface Header {
  readonly entries: readonly TensorEntry[];
  readonly metadata: Record<string, string>;
}

export const maxHeaderLength = 100_000_000;

const damaged = 'The file is damaged or was not written as safetensors; fetch or save it again.';

export function headerError(message: string, fix = damaged): CheckpointError {
  return new CheckpointError({ code: 'CHECKPOINT_HEADER', message, fix });
}

/** The length of the JSON header, from the first 8 bytes of a file of `fileLength` bytes. */
export function parseHeaderLength(prefix: Uint8Array, fileLength: number): number {
  if (fileLength < 8 || prefix.length < 8)
    throw new CheckpointError({
      code: 'CHECKPOINT_TRUNCATED',
      message: `${fileLength} bytes cannot hold a safetensors header of 8 or more.`,
      fix: damaged,
    });
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true));
  if (length > maxHeaderLength) throw headerError(`The header claims ${length} bytes; the format allows ${maxHeaderLength}.`);
  if (length > fileLength - 8)
    throw new CheckpointError({
      code: 'CHECKPOINT_TRUNCATED',
      message: `The header claims ${length} bytes, but only ${fileLength - 8} follow its length.`,
      fix: damaged,
    });
  return length;
}

/** Where the string that opens at `start` closes. */
function closingQuote(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); ; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}

/** Refuses a key that occurs twice in one object, of which `JSON.parse` would keep the last without a word; `json` is valid JSON. */
function refuseDuplicates(json: string): void {
  const open: (Set<string> | undefined)[] = []; // the keys of each open object; undefined for an array
  let beforeKey = false;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '"') {
      const end = closingQuote(json, i);
      const keys = open.at(-1);
      if (beforeKey && keys !== undefined) {
        const key = JSON.parse(json.slice(i, end + 1)) as string;
        if (keys.has(key)) throw headerError(`The header names ${quoted(key)} twice.`);
        keys.add(key);
      }
      i = end;
    } else if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    if (character === '{' || character === ',') beforeKey = true;
    else if (character === ':') beforeKey = false;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

/** A lone surrogate has no UTF-8, so other readers refuse the name. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

export function parseJson(header: Uint8Array): Record<string, unknown> {
  if (header[0] !== 0x7b) throw headerError('The header does not begin with "{".');
  let json: string;
  let value: unknown;
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
    value = JSON.parse(json);
  } catch (cause) {
    throw new CheckpointError({ code: 'CHECKPOINT_HEADER', message: 'The header is not JSON in UTF-8.', fix: damaged, cause });
  }
  if (!isRecord(value)) throw headerError('The header is not a JSON object.');
  refuseDuplicates(json);
  return value;
}

function parseMetadata(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw headerError('The header\'s "__metadata__" is not an object.');
  const entries = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text !== 'string') throw headerError(`The header's metadata ${quoted(key)} is not a string.`);
    return [key, text];
  });
  return Object.fromEntries(entries);
}

function parseEntry(name: string, value: unknown): TensorEntry {
  if (!isWellFormed(name)) throw headerError(`The tensor name ${quoted(name)} is not Unicode.`);
  if (!isRecord(value)) throw headerError(`The header's entry of ${quoted(name)} is not an object.`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(storedTypes, dtype))
    throw new CheckpointError({
      code: 'CHECKPOINT_DTYPE',
      message: `${quoted(name)} has the dtype ${typeof dtype === 'string' ? quoted(dtype) : `of kind ${typeof dtype}`}; readable are ${Object.keys(storedTypes).join(', ')}.`,
      fix: 'Convert the tensor to one of these and save the file again.',
    });
  const stored = dtype as StoredType;
  if (!Array.isArray(shape) || !shape.every(isSize)) throw headerError(`${quoted(name)} has a shape that is not a list of sizes.`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize))
    throw headerError(`${quoted(name)} has data_offsets that are not two positions.`);
  const [start, end] = offsets as [number, number];
  let count = 1;
  for (const dim of shape as number[]) {
    count *= dim;
    if (count > Number.MAX_SAFE_INTEGER) throw headerError(`${quoted(name)} has a shape whose element count overflows.`);
  }
  if (end - start !== count * storedTypes[stored].size)
    throw new CheckpointError({
      code: 'CHECKPOINT_SHAPE',
      message: `${quoted(name)} has bytes ${start} to ${end}, but its ${count} ${stored} elements need ${count * storedTypes[stored].size}.`,
      fix: damaged,
    });
  return { name, stored, dims: shape as number[], count, start, end };
}

/**
 * Reads and checks a header, by the rules of the reference reader (huggingface/safetensors, README "Format"): no name twice, no overflow,
 * and the tensors tile the `dataLength` bytes after the header without a hole or an overlap.
 */
export function parseHeader(header: Uint8Array, dataLength: number): Header {
  const { __metadata__: metadata, ...tensors } = parseJson(header);
  const entries = Object.entries(tensors).map(([name, value]) => parseEntry(name, value));
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  let covered = 0;
  for (const { name, start, end } of entries) {
    if (start !== covered)
      throw new CheckpointError({
        code: 'CHECKPOINT_OFFSETS',
        message: `${quoted(name)} begins at byte ${start} of the data, but the tensors before it end at ${covered}.`,
        fix: damaged,
      });
    covered = end;
  }
  if (covered > dataLength)
    throw new CheckpointError({
      code: 'CHECKPOINT_TRUNCATED',
      message: `The header describes ${covered} bytes of data, but the file holds ${dataLength}.`,
      fix: 'The download or copy stopped early; fetch the file again.',
    });
  if (covered < dataLength)
    throw new CheckpointError({
      code: 'CHECKPOINT_OFFSETS',
      message: `The header describes ${covered} bytes of data, but the file holds ${dataLength}.`,
      fix: damaged,
    });
  return { entries, metadata: parseMetadata(metadata) };
}
