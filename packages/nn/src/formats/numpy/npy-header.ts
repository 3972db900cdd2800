import { CheckpointError, quoted } from '../../checkpoint-error.js';
import type { StoredType } from '../elements.js';

export interface NpyHeader {
  readonly stored: StoredType;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly dims: readonly number[];
  /** Where the elements begin. */
  readonly start: number;
}

/** numpy itself reads no longer header than this unless told to. */
const maxHeaderLength = 10_000;
const maxAxes = 64; // numpy has had 32 and, from 2.0 on, 64

const damaged = 'The file is damaged or was not written by numpy.save; save it again.';

function headerError(message: string): CheckpointError {
  return new CheckpointError({ code: 'CHECKPOINT_HEADER', message, fix: damaged });
}

const kinds: Readonly<Record<string, StoredType>> = {
  f2: 'F16',
  f4: 'F32',
  f8: 'F64',
  i1: 'I8',
  i2: 'I16',
  i4: 'I32',
  i8: 'I64',
  u1: 'U8',
  u2: 'U16',
  u4: 'U32',
  u8: 'U64',
  b1: 'BOOL',
};

/** numpy's code of an element type, without its byte order. */
export function npyKindOf(stored: StoredType): string {
  return Object.keys(kinds).find((kind) => kinds[kind] === stored)!;
}

function refuseType(descr: string): CheckpointError {
  const structured = descr.startsWith('[') || descr.startsWith('(');
  const objects = /^'?\|?O/.test(descr);
  return new CheckpointError({
    code: 'CHECKPOINT_DTYPE',
    message: `The array has the dtype ${quoted(descr)}${structured ? ', a structure' : ''}; readable are ${Object.keys(kinds).join(', ')}.`,
    fix: objects
      ? 'Python objects are pickled and could run code: convert the array to numbers in Python.'
      : 'Convert the array with astype() and save it again.',
  });
}

interface Reading {
  readonly text: string;
  at: number;
}

/** Takes what matches at the current place, spaces before it skipped; undefined where it does not. */
function take(reading: Reading, pattern: RegExp): string | undefined {
  const spaces = /[ \t\r\n]*/y;
  spaces.lastIndex = reading.at;
  spaces.test(reading.text);
  const sticky = new RegExp(pattern, 'y');
  sticky.lastIndex = spaces.lastIndex;
  const match = sticky.exec(reading.text);
  if (match === null) return undefined;
  reading.at = sticky.lastIndex;
  return match[0];
}

/** A value of the header's literal as it is written, brackets matched; what kinds there are, its field knows. */
function takeValue(reading: Reading): string {
  const simple = take(reading, /'[^'\\]*'|"[^"\\]*"|True|False|-?\d+L?|None/);
  if (simple !== undefined) return simple;
  const start = reading.at;
  let depth = 0;
  do {
    const part = take(reading, /[([{]|[)\]}]|'[^'\\]*'|"[^"\\]*"|[^'"()[\]{}]+/);
    if (part === undefined) throw headerError('The header has a value that does not end.');
    if ('([{'.includes(part)) depth++;
    else if (')]}'.includes(part)) depth--;
  } while (depth > 0);
  return reading.text.slice(start, reading.at).trim();
}

/** The fields of the header, a Python dict literal. */
function parseFields(text: string): Map<string, string> {
  const reading: Reading = { text, at: 0 };
  const fields = new Map<string, string>();
  const expect = (pattern: RegExp, what: string): string => {
    const token = take(reading, pattern);
    if (token === undefined) throw headerError(`The header has no ${what} at character ${reading.at}.`);
    return token;
  };
  expect(/\{/, '"{"');
  while (take(reading, /\}/) === undefined) {
    const key = expect(/'[^'\\]*'|"[^"\\]*"/, 'key').slice(1, -1);
    if (fields.has(key)) throw headerError(`The header names ${quoted(key)} twice.`);
    expect(/:/, '":"');
    fields.set(key, takeValue(reading));
    if (take(reading, /,/) === undefined) {
      expect(/\}/, '"}"');
      break;
    }
  }
  if (take(reading, /$/) === undefined) throw headerError('The header goes on behind its dict.');
  return fields;
}

function parseShape(text: string): number[] {
  const inner = /^\((.*)\)$/s.exec(text)?.[1];
  if (inner === undefined) throw headerError(`The header's shape is ${quoted(text)}, not a tuple.`);
  const parts = inner.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  else if (parts.length === 1) throw headerError(`The header's shape is ${quoted(text)}, not a tuple.`);
  if (parts.length > maxAxes) throw headerError(`The header's shape has ${parts.length} axes; numpy allows ${maxAxes}.`);
  let count = 1;
  return parts.map((part) => {
    const dim = /^\d+L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN; // Python 2 wrote 3L.
    if (!Number.isSafeInteger(dim)) throw headerError(`The header's shape is ${quoted(text)}, not a tuple of sizes.`);
    count *= dim;
    if (count > Number.MAX_SAFE_INTEGER) throw headerError(`The header's shape ${quoted(text)} has an element count that overflows.`);
    return dim;
  });
}

function parseType(descr: string): { stored: StoredType; bigEndian: boolean } {
  const match = /^['"]([<>|=]?)([a-z]\d+|\?)['"]$/.exec(descr);
  const kind = match?.[2] === '?' ? 'b1' : match?.[2];
  if (match === null || kind === undefined || !Object.hasOwn(kinds, kind)) throw refuseType(descr);
  return { stored: kinds[kind]!, bigEndian: match[1] === '>' };
}

/** Whether bytes begin as a .npy file does. */
export function isNpy(bytes: Uint8Array): boolean {
  return bytes.length >= 6 && [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59].every((byte, i) => bytes[i] === byte);
}

function truncated(message: string): CheckpointError {
  return new CheckpointError({ code: 'CHECKPOINT_TRUNCATED', message, fix: 'The file was cut short; fetch or save it again.' });
}

/** Reads and checks the header of a .npy file of version 1, 2 or 3 (NumPy, numpy.lib.format). Nothing in it is evaluated. */
export function parseNpyHeader(bytes: Uint8Array): NpyHeader {
  if (!isNpy(bytes)) throw headerError('The file does not begin as a .npy file does.');
  if (bytes.length < 10) throw truncated(`${bytes.length} bytes cannot hold the header of a .npy file.`);
  const [major, minor] = [bytes[6]!, bytes[7]!];
  if (major < 1 || major > 3 || minor !== 0) throw headerError(`The file is of version ${major}.${minor}; readable are 1.0, 2.0 and 3.0.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const textStart = major === 1 ? 10 : 12;
  if (bytes.length < textStart) throw truncated(`${bytes.length} bytes cannot hold the header of a .npy file.`);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > maxHeaderLength) throw headerError(`The header claims ${length} bytes; readable are ${maxHeaderLength}.`);
  if (length > bytes.length - textStart)
    throw truncated(`The header claims ${length} bytes, but only ${bytes.length - textStart} follow its length.`);
  const fields = parseFields(new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(textStart, textStart + length)));
  const { descr, fortran_order: fortran, shape, ...others } = Object.fromEntries(fields);
  if (descr === undefined || shape === undefined || (fortran !== 'True' && fortran !== 'False') || Object.keys(others).length > 0)
    throw headerError(`The header has the fields ${[...fields.keys()].map(quoted).join(', ')}, not descr, fortran_order and shape.`);
  return { ...parseType(descr), fortranOrder: fortran === 'True', dims: parseShape(shape), start: textStart + length };
}
