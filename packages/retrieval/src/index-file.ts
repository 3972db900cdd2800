import type { Space } from '@polymodal/modality-registry';
import { checkSpace, isMetadata } from './check.js';
import { crc32 } from './crc32.js';
import { RetrievalError } from './errors.js';
import type { IndexSnapshot } from './flat-index.js';
import { MAX_HEADER, MAX_WIDTH } from './limits.js';

/*
 * The file, little-endian:
 *   8 bytes   magic: 0x89 'P' 'M' 'I' CR LF 0x1A LF (as PNG's, it shows a transfer that rewrote line ends)
 *   u32       format version
 *   u32       length of the header
 *   header    UTF-8 JSON { space: { name, fingerprint }, width, count, items: [[id, metadata] …] }
 *   0–3 bytes zeros, up to a multiple of 4
 *   float32   unit vectors, [count, width]
 *   u32       CRC-32 of everything before it
 */
const MAGIC = Uint8Array.of(0x89, 0x50, 0x4d, 0x49, 0x0d, 0x0a, 0x1a, 0x0a);
const VERSION = 1;
const PREFIX = 16;
const CHECKSUM = 4;
const REINDEX = 'Delete the file and index again.';

interface Header {
  readonly space: Space;
  readonly width: number;
  readonly count: number;
  readonly items: readonly (readonly [id: string, metadata: IndexSnapshot['items'][number]['metadata']])[];
}

/**
 * The bytes of an index file.
 *
 * @throws RetrievalError `INDEX_TOO_LARGE` where ids and metadata exceed 256 MiB
 */
export function serializeIndex({ space, width, items, vectors }: IndexSnapshot): Uint8Array {
  const fields: Header = { space, width, count: items.length, items: items.map(({ id, metadata }) => [id, metadata] as const) };
  const header = new TextEncoder().encode(JSON.stringify(fields));
  if (header.length > MAX_HEADER)
    throw new RetrievalError({
      code: 'INDEX_TOO_LARGE',
      message: `ids and metadata take ${header.length} bytes, but an index file holds ${MAX_HEADER}.`,
      fix: 'Split the items over several indexes, or use a vector database.',
    });
  const dataStart = align4(PREFIX + header.length);
  const bytes = new Uint8Array(dataStart + vectors.byteLength + CHECKSUM);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, header.length, true);
  bytes.set(header, PREFIX);
  bytes.set(new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength), dataStart);
  view.setUint32(bytes.length - CHECKSUM, crc32(bytes.subarray(0, -CHECKSUM)), true);
  return bytes;
}

export interface ParseIndexOptions {
  /** The space that the caller will search in; an index of another one is refused. */
  readonly space?: Space;
  readonly width?: number;
  /** What to call the file in errors. */
  readonly name?: string;
}

/**
 * Reads the bytes of an index file, trusting none of them: lengths are checked before anything is allocated, the checksum before
 * anything is used, the contents even so.
 *
 * @throws RetrievalError `INDEX_FORMAT`, `INDEX_VERSION`, `INDEX_DAMAGED`, `SPACE_MISMATCH`, `INDEX_WIDTH`
 */
export function parseIndex(bytes: Uint8Array, { space, width, name = 'the index' }: ParseIndexOptions = {}): IndexSnapshot {
  const damaged = (detail: string, cause?: unknown) =>
    new RetrievalError({
      code: 'INDEX_DAMAGED',
      message: `${name} is damaged: ${detail}.`,
      fix: REINDEX,
      ...(cause === undefined ? {} : { cause }),
    });

  if (bytes.length < PREFIX + CHECKSUM || MAGIC.some((byte, i) => bytes[i] !== byte))
    throw new RetrievalError({
      code: 'INDEX_FORMAT',
      message: `${name} is no Polymodal index: its ${bytes.length} bytes do not begin as one, or end too early.`,
      fix: 'Pass the file that was indexed into, or index again.',
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version !== VERSION)
    throw new RetrievalError({
      code: 'INDEX_VERSION',
      message: `${name} has format version ${version}, but this release reads version ${VERSION}.`,
      fix: version > VERSION ? `Update @polymodal/retrieval, or: ${REINDEX}` : REINDEX,
    });
  const headerLength = view.getUint32(12, true);
  const dataStart = align4(PREFIX + headerLength);
  const dataEnd = bytes.length - CHECKSUM;
  if (headerLength > MAX_HEADER || dataStart > dataEnd)
    throw damaged(`its header claims ${headerLength} bytes of a file of ${bytes.length}`);
  if (crc32(bytes.subarray(0, dataEnd)) !== view.getUint32(dataEnd, true)) throw damaged('its checksum does not match');

  const header = parseHeader(bytes.subarray(PREFIX, PREFIX + headerLength), damaged);
  if (space !== undefined) checkSpace(space, header.space, name, 'Index again with this model, or search with the other one.');
  if (width !== undefined && width !== header.width)
    throw new RetrievalError({
      code: 'INDEX_WIDTH',
      message: `${name} holds vectors of width ${header.width}, but the model's width is ${width}.`,
      fix: 'Index again with this model, or search with the other one.',
    });
  const elements = header.count * header.width;
  if (elements * 4 !== dataEnd - dataStart)
    throw damaged(`${header.count} vectors of width ${header.width} need ${elements * 4} bytes, but it has ${dataEnd - dataStart}`);

  const vectors = new Float32Array(elements);
  new Uint8Array(vectors.buffer).set(bytes.subarray(dataStart, dataEnd));
  for (let row = 0; row < header.count; row++) {
    let sum = 0;
    for (let i = row * header.width; i < (row + 1) * header.width; i++) sum += vectors[i]! * vectors[i]!;
    if (!(Math.abs(sum - 1) < 1e-3)) throw damaged(`vector ${row} does not have unit length`);
  }
  return { space: header.space, width: header.width, items: header.items.map(([id, metadata]) => ({ id, metadata })), vectors };
}

function parseHeader(bytes: Uint8Array, damaged: (detail: string, cause?: unknown) => RetrievalError): Header {
  let header: Header;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Header;
  } catch (cause) {
    throw damaged('its header is not JSON', cause);
  }
  const { space, width, count, items } = Object(header) as Header;
  if (typeof space?.name !== 'string' || typeof space.fingerprint !== 'string') throw damaged('its header names no space');
  if (!Number.isInteger(width) || width < 1 || width > MAX_WIDTH) throw damaged(`its header gives the width ${String(width)}`);
  if (!Array.isArray(items) || items.length !== count) throw damaged('its header does not list as many items as it counts');
  const seen = new Set<string>();
  for (const item of items as readonly unknown[]) {
    const [id, metadata] = Array.isArray(item) ? (item as unknown[]) : [];
    if (typeof id !== 'string' || id === '' || seen.has(id) || !isMetadata(metadata))
      throw damaged(`its header has a malformed item after ${seen.size} good ones`);
    seen.add(id);
  }
  return { space: { name: space.name, fingerprint: space.fingerprint }, width, count, items };
}

function align4(length: number): number {
  return Math.ceil(length / 4) * 4;
}
