import { CheckpointError, quoted } from '../../checkpoint-error.js';
import { isWellFormed } from '../../safetensors-header.js';
import { allocate } from '../allocate.js';
import { crc32 } from '../crc32.js';
import { deflateRaw } from './inflate.js';
import { signatures, sizes } from './zip-directory.js';

/** Stored data begin at multiples of this, so that whoever maps the file finds numbers aligned. */
const alignment = 64;
const wide = 0xffffffff;
/** 1 January 1980, the first day that the format knows: the same content gives the same bytes. */
const date = 0x21;
const utf8Names = 0x800;
const alignmentField = 0xd935; // Android's zipalign
const zip64Length = 28;
const longestName = 0xffff;

interface Packed {
  readonly name: Uint8Array;
  readonly method: number;
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly checksum: number;
}

async function pack([name, bytes]: readonly [string, Uint8Array], compress: boolean): Promise<Packed> {
  const encoded = new TextEncoder().encode(name);
  if (encoded.length > longestName || !isWellFormed(name))
    throw new CheckpointError({
      code: 'CHECKPOINT_NAME',
      message: `An archive cannot hold a file named ${quoted(name)}.`,
      fix: `Choose a name of up to ${longestName} bytes in UTF-8, without lone surrogates.`,
    });
  const packed = compress ? await deflateRaw(bytes) : bytes;
  return { name: encoded, method: compress ? 8 : 0, bytes: packed, size: bytes.length, checksum: crc32(bytes) };
}

/** The length of a local extra field that moves stored data to a multiple of {@link alignment}. */
function paddingFor({ name, method }: Packed, header: number, extra: number): number {
  if (method !== 0) return 0;
  const least = 6; // its id, its length and the alignment itself
  const unpadded = header + sizes.local + name.length + extra + least;
  return least + ((alignment - (unpadded % alignment)) % alignment);
}

/** What local and central headers share, from the version needed to the lengths of name and extra field. */
function writeCommon(view: DataView, at: number, { name, method, bytes, size, checksum }: Packed, large: boolean, extra: number): void {
  view.setUint16(at, large ? 45 : 20, true);
  view.setUint16(at + 2, utf8Names, true);
  view.setUint16(at + 4, method, true);
  view.setUint16(at + 8, date, true);
  view.setUint32(at + 10, checksum, true);
  view.setUint32(at + 14, large ? wide : bytes.length, true);
  view.setUint32(at + 18, large ? wide : size, true);
  view.setUint16(at + 22, name.length, true);
  view.setUint16(at + 24, extra, true);
}

function writeZip64(view: DataView, at: number, { bytes, size }: Packed, header: number): void {
  view.setUint16(at, 1, true);
  view.setUint16(at + 2, zip64Length - 4, true);
  view.setBigUint64(at + 4, BigInt(size), true);
  view.setBigUint64(at + 12, BigInt(bytes.length), true);
  view.setBigUint64(at + 20, BigInt(header), true);
}

function writeEnd(view: DataView, at: number, count: number, start: number, length: number, large: boolean): void {
  let end = at;
  if (large) {
    view.setUint32(end, signatures.end64, true);
    view.setBigUint64(end + 4, BigInt(sizes.end64 - 12), true);
    view.setUint16(end + 12, 45, true);
    view.setUint16(end + 14, 45, true);
    for (const place of [24, 32]) view.setBigUint64(end + place, BigInt(count), true);
    view.setBigUint64(end + 40, BigInt(length), true);
    view.setBigUint64(end + 48, BigInt(start), true);
    end += sizes.end64;
    view.setUint32(end, signatures.locator64, true);
    view.setBigUint64(end + 8, BigInt(at), true);
    view.setUint32(end + 16, 1, true);
    end += sizes.locator64;
  }
  view.setUint32(end, signatures.end, true);
  for (const place of [8, 10]) view.setUint16(end + place, large ? 0xffff : count, true);
  view.setUint32(end + 12, large ? wide : length, true);
  view.setUint32(end + 16, large ? wide : start, true);
}

/** Writes a ZIP archive; the same entries give the same bytes on every platform where `compress` is false. */
export async function writeZip(entries: Iterable<readonly [string, Uint8Array]>, compress: boolean): Promise<Uint8Array> {
  const packed: Packed[] = [];
  for (const entry of entries) packed.push(await pack(entry, compress));
  let header = 0;
  const placed = packed.map((entry) => {
    const large = header >= wide || entry.size >= wide || entry.bytes.length >= wide;
    const extra = large ? zip64Length : 0;
    const padding = paddingFor(entry, header, extra);
    const place = { entry, large, header, padding, start: header + sizes.local + entry.name.length + extra + padding };
    header = place.start + entry.bytes.length;
    return place;
  });
  const directory = header;
  const directoryLength = placed.reduce((n, { entry, large }) => n + sizes.central + entry.name.length + (large ? zip64Length : 0), 0);
  const large = directory + directoryLength >= wide || placed.length >= 0xffff;
  const file = allocate(directory + directoryLength + (large ? sizes.end64 + sizes.locator64 : 0) + sizes.end);
  const view = new DataView(file.buffer);
  let central = directory;
  for (const { entry, large, header, padding, start } of placed) {
    const extra = large ? zip64Length : 0;
    view.setUint32(header, signatures.local, true);
    writeCommon(view, header + 4, entry, large, extra + padding);
    file.set(entry.name, header + sizes.local);
    if (large) writeZip64(view, header + sizes.local + entry.name.length, entry, header);
    if (padding > 0) {
      view.setUint16(start - padding, alignmentField, true);
      view.setUint16(start - padding + 2, padding - 4, true);
      view.setUint16(start - padding + 4, alignment, true);
    }
    file.set(entry.bytes, start);
    view.setUint32(central, signatures.central, true);
    view.setUint16(central + 4, large ? 45 : 20, true);
    writeCommon(view, central + 6, entry, large, extra);
    view.setUint32(central + 42, large ? wide : header, true);
    file.set(entry.name, central + sizes.central);
    if (large) writeZip64(view, central + sizes.central + entry.name.length, entry, header);
    central += sizes.central + entry.name.length + extra;
  }
  writeEnd(view, central, placed.length, directory, directoryLength, large);
  return file;
}
