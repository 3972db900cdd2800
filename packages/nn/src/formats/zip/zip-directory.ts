import { CheckpointError, quoted } from '../../checkpoint-error.js';

export interface ZipEntry {
  readonly name: string;
  readonly deflated: boolean;
  readonly checksum: number;
  readonly packedSize: number;
  readonly size: number;
  /** Where the packed bytes begin in the file. */
  readonly start: number;
}

export const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 };
export const sizes = { local: 30, central: 46, end: 22, end64: 56, locator64: 20 };

export function archiveError(message: string, fix = 'The file is damaged or was cut short; fetch or save it again.'): CheckpointError {
  return new CheckpointError({ code: 'CHECKPOINT_ARCHIVE', message, fix });
}

/** A 64-bit number that is a position in a file. */
function position(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  if (!Number.isSafeInteger(value)) throw archiveError(`The archive claims a position or size of ${value} bytes.`);
  return value;
}

/** Where the end record begins: the last place that has its signature and a comment that reaches to the end of the file. */
function findEnd(view: DataView): number {
  const last = view.byteLength - sizes.end;
  for (let at = last; at >= 0 && at >= last - 0xffff; at--)
    if (view.getUint32(at, true) === signatures.end && at + sizes.end + view.getUint16(at + 20, true) === view.byteLength) return at;
  throw archiveError('The archive has no directory at its end.');
}

interface Directory {
  readonly count: number;
  readonly start: number;
  readonly length: number;
}

function readEnd(view: DataView): Directory {
  const at = findEnd(view);
  const locator = at - sizes.locator64;
  if (locator >= 0 && view.getUint32(locator, true) === signatures.locator64) {
    const end64 = position(view, locator + 8);
    if (end64 + sizes.end64 > locator || view.getUint32(end64, true) !== signatures.end64)
      throw archiveError('The archive has no zip64 end record where it says.');
    return { count: position(view, end64 + 32), length: position(view, end64 + 40), start: position(view, end64 + 48) };
  }
  return { count: view.getUint16(at + 10, true), length: view.getUint32(at + 12, true), start: view.getUint32(at + 16, true) };
}

/** The extra field that holds what does not fit into 32 bits; undefined where there is none. */
function findZip64(view: DataView, start: number, end: number): { at: number; end: number } | undefined {
  for (let at = start; at + 4 <= end; ) {
    const next = at + 4 + view.getUint16(at + 2, true);
    if (next > end) break; // Alignment padding is often no proper field.
    if (view.getUint16(at, true) === 1) return { at: at + 4, end: next };
    at = next;
  }
  return undefined;
}

interface Located extends Omit<ZipEntry, 'start'> {
  readonly header: number;
}

function readCentral(bytes: Uint8Array, view: DataView, at: number, directoryEnd: number): { entry: Located; next: number } {
  if (at + sizes.central > directoryEnd || view.getUint32(at, true) !== signatures.central)
    throw archiveError(`The archive's directory has no entry at byte ${at}.`);
  const nameEnd = at + sizes.central + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const next = extraEnd + view.getUint16(at + 32, true);
  if (next > directoryEnd) throw archiveError(`The archive's entry at byte ${at} is longer than its directory.`);
  const name = decodeName(bytes.subarray(at + sizes.central, nameEnd));
  const zip64 = findZip64(view, nameEnd, extraEnd);
  let wide = zip64?.at ?? 0;
  /** A 32-bit field, or the next 64-bit one that stands in for it. */
  const field = (place: number): number => {
    const value = view.getUint32(place, true);
    if (value !== 0xffffffff || zip64 === undefined) return value;
    if (wide + 8 > zip64.end) throw archiveError(`${quoted(name)} has a zip64 field that is too short.`);
    wide += 8;
    return position(view, wide - 8);
  };
  const size = field(at + 24);
  const packedSize = field(at + 20);
  const header = field(at + 42);
  const method = view.getUint16(at + 10, true);
  if (view.getUint16(at + 8, true) & 1) throw archiveError(`${quoted(name)} is encrypted.`, 'Save the archive without a password.');
  if (method !== 0 && method !== 8)
    throw archiveError(`${quoted(name)} is packed by method ${method}; readable are 0 (stored) and 8 (deflated).`, 'Pack it anew.');
  return { entry: { name, deflated: method === 8, checksum: view.getUint32(at + 16, true), packedSize, size, header }, next };
}

function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw archiveError('The archive holds a name that is not UTF-8.');
  }
}

/** Where an entry's bytes begin, behind its local header, which must bear the same name. */
function dataStart(bytes: Uint8Array, view: DataView, { name, header }: Located, limit: number): number {
  if (header + sizes.local > limit || view.getUint32(header, true) !== signatures.local)
    throw archiveError(`${quoted(name)} is not where the archive's directory says.`);
  const nameEnd = header + sizes.local + view.getUint16(header + 26, true);
  const start = nameEnd + view.getUint16(header + 28, true);
  if (start > limit || decodeName(bytes.subarray(header + sizes.local, nameEnd)) !== name)
    throw archiveError(`${quoted(name)} has another name in front of its bytes than in the archive's directory.`);
  return start;
}

/**
 * The entries of a ZIP archive (PKWARE APPNOTE 6.3.10; zip64 too), in the order of their bytes. No name occurs twice and no two entries
 * share bytes, so that all together are no larger than the file.
 */
export function readZipDirectory(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, start, length } = readEnd(view);
  const end = start + length;
  if (end > bytes.length || count > length / sizes.central)
    throw archiveError(`The archive claims a directory of ${count} entries and ${length} bytes from byte ${start} on.`);
  const located: Located[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const { entry, next } = readCentral(bytes, view, at, end);
    located.push(entry);
    at = next;
  }
  located.sort((a, b) => a.header - b.header);
  const names = new Set<string>();
  let covered = 0;
  return located.map((entry) => {
    const { header, ...rest } = entry;
    if (names.has(entry.name))
      throw new CheckpointError({
        code: 'CHECKPOINT_NAME',
        message: `The archive holds ${quoted(entry.name)} twice.`,
        fix: 'Save it again with each name once.',
      });
    names.add(entry.name);
    if (header < covered) throw archiveError(`${quoted(entry.name)} shares bytes with the entry before it.`);
    const from = dataStart(bytes, view, entry, start);
    covered = from + entry.packedSize;
    if (covered > start) throw archiveError(`${quoted(entry.name)} reaches past the archive's directory.`);
    return { ...rest, start: from };
  });
}
