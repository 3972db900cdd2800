import { AudioError } from '../errors.js';
import { notWav } from '../sniff/format.js';
import { FORMAT_BYTES, malformed, parseFormat, type WavFormat } from './format.js';

/** What a WAV says of itself before its samples. */
export interface WavHeader extends WavFormat {
  readonly container: 'RIFF' | 'RIFX' | 'RF64' | 'BW64';
  /** Of samples; Infinity where they go on to the end of the file. */
  readonly dataBytes: number;
  /** Whether the writer could not know the length, so that fewer bytes are no damage. */
  readonly openEnded: boolean;
}

/** What the parser asks for next: some bytes (fewer come at the end of the file), or that some are passed over. */
export type HeaderRequest = { readonly take: number } | { readonly skip: number };

/** How sox, arecord and others say that they do not know the length: nearly, or just, 2³¹ bytes. */
const [UNKNOWN_FROM, UNKNOWN_TO] = [0x7ffff000, 0x80000000];
const ALL = 0xffffffff;

const isId = (bytes: Uint8Array, at: number) => bytes.subarray(at, at + 4).every((byte) => byte >= 0x20 && byte < 0x7f);
const textOf = (bytes: Uint8Array, from = 0, to = from + 4) => String.fromCharCode(...bytes.subarray(from, to));

/**
 * Reads a header, chunk by chunk, up to the first sample: RIFF and big-endian RIFX (Microsoft, 1991), RF64 and BW64 (EBU Tech 3306, ITU-R
 * BS.2088). It only says which bytes it needs, so that the same parser reads files and streams.
 *
 * @throws AudioError `AUDIO_EMPTY`, `AUDIO_UNKNOWN_FORMAT`, `AUDIO_UNSUPPORTED_FORMAT`, `AUDIO_TRUNCATED`, `AUDIO_DECODE`.
 */
export function* wavHeader(): Generator<HeaderRequest, WavHeader, Uint8Array> {
  const head = yield { take: 12 };
  const container = textOf(head);
  const known = container === 'RIFF' || container === 'RIFX' || container === 'RF64' || container === 'BW64';
  if (!known || (head.length === 12 && textOf(head, 8) !== 'WAVE')) throw notWav(head);
  const littleEndian = container !== 'RIFX';
  let at = head.length;
  let format: WavFormat | undefined;
  let long: number | undefined;
  let padded = false;
  if (at < 12) throw endOfFile(at, ALL);
  const riffBytes = u32(head, 4, littleEndian);

  while (true) {
    const chunk = yield* chunkHead(padded);
    at += chunk.bytes;
    if (!chunk.id) throw endOfFile(at, riffBytes);
    const { id } = chunk;
    const size = u32(chunk.size, 0, littleEndian);
    if (id === 'data') {
      if (!format) throw malformed('its samples come before their format');
      return { ...format, container, ...dataSize(size, riffBytes, at, long) };
    }
    let read = 0;
    if (id === 'fmt ' || id === 'ds64') {
      const body = yield { take: Math.min(size, FORMAT_BYTES) };
      read = body.length;
      if (read < Math.min(size, FORMAT_BYTES)) throw endOfFile(at + read, ALL);
      if (id === 'fmt ') format = parseFormat(body, littleEndian);
      else if (read >= 16) long = u64(body, 8);
    }
    if (size > read) yield { skip: size - read };
    at += size;
    padded = size % 2 === 1;
  }
}

/**
 * The name and size of the next chunk. Behind a chunk of odd size stands a byte of padding, which some writers forget: what cannot be the
 * beginning of a name is padding.
 */
function* chunkHead(padded: boolean): Generator<HeaderRequest, { bytes: number; id?: string; size: Uint8Array }, Uint8Array> {
  let head = yield { take: 8 };
  let bytes = head.length;
  if (padded && bytes === 8 && isPadding(head)) {
    const last = yield { take: 1 };
    const shifted = new Uint8Array(7 + last.length);
    shifted.set(head.subarray(1));
    shifted.set(last, 7);
    head = shifted;
    bytes += last.length;
  }
  const size = head.subarray(4);
  if (head.length < 8) return { bytes, size };
  if (!isId(head, 0)) throw malformed(`where a chunk should begin stand the bytes ${Array.from(head.subarray(0, 4)).join(', ')}`);
  return { bytes, id: textOf(head), size };
}

function isPadding(head: Uint8Array): boolean {
  const usual = ['data', 'fmt ', 'fact', 'LIST'];
  return !isId(head, 0) || (usual.includes(textOf(head, 1)) && !usual.includes(textOf(head)));
}

/** A length that the writer never filled in, or could not, means: to the end of the file. */
function dataSize(size: number, riffBytes: number, at: number, long = 0): Pick<WavHeader, 'dataBytes' | 'openEnded'> {
  if (size === ALL && long > 0 && long <= Number.MAX_SAFE_INTEGER) return { dataBytes: long, openEnded: false };
  // Where the file as the header states it ends before the first sample, the header was written ahead of the samples.
  if (size === ALL || (size === 0 && (riffBytes === ALL || riffBytes + 8 <= at))) return { dataBytes: Infinity, openEnded: true };
  return { dataBytes: size, openEnded: size >= UNKNOWN_FROM && size <= UNKNOWN_TO };
}

function endOfFile(at: number, riffBytes: number): AudioError {
  if (riffBytes !== ALL && at >= riffBytes + 8) return malformed('it has no data chunk');
  return new AudioError({
    code: 'AUDIO_TRUNCATED',
    message: 'the WAV ends inside its header, before any sample.',
    fix: 'The file is cut short: copy or download it again.',
  });
}

function u32(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, littleEndian);
}

function u64(bytes: Uint8Array, at: number): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(at, true));
}
