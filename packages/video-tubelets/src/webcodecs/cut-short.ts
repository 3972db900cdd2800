/** Whether a video file ends before its container says it does. Recordings that do not know their length yet are whole wherever they end. */
export async function isCutShort(file: Blob | Uint8Array): Promise<boolean> {
  const head = await bytesAt(file, 0, 4);
  if (head[0] === 0x1a && head[1] === 0x45 && head[2] === 0xdf && head[3] === 0xa3) return matroskaIsCutShort(file);
  // MPEG-TS is made of packets of 188 bytes, which begin with 0x47.
  if (head[0] === 0x47) return lengthOf(file) % 188 !== 0;
  return boxesAreCutShort(file);
}

/** More boxes than an hour in fragments has; a file of nothing but empty boxes must not be read to its end. */
const MAX_BOXES = 100_000;

interface Box {
  readonly type: string;
  readonly at: number;
  readonly size: number;
}

/** ISO/IEC 14496-12, 4.2: the outermost boxes of an MP4 or QuickTime file, the last of which may be cut short. */
export async function* boxesOf(file: Blob | Uint8Array): AsyncGenerator<Box, void, undefined> {
  const length = lengthOf(file);
  let at = 0;
  for (let boxes = 0; at < length && boxes < MAX_BOXES; boxes++) {
    const header = await bytesAt(file, at, 16);
    const view = new DataView(header.buffer, header.byteOffset, header.length);
    const short = header.length < 8 ? 16 : view.getUint32(0);
    const type = String.fromCharCode(...header.subarray(4, 8));
    // 0 reaches to the end of the file; 1 stands before a size of 8 bytes; less than the header itself means nothing.
    const large = header.length < 16 ? 16 : Number(view.getBigUint64(8));
    const size = short === 0 ? length - at : short === 1 ? large : short;
    if (size < 8) return;
    yield { type, at, size };
    at += size;
  }
}

async function boxesAreCutShort(file: Blob | Uint8Array): Promise<boolean> {
  let end = 0;
  for await (const { at, size } of boxesOf(file)) end = at + size;
  return end > lengthOf(file);
}

/** RFC 8794 and 9559: the EBML header, and the Segment, which is the rest of the file. */
async function matroskaIsCutShort(file: Blob | Uint8Array): Promise<boolean> {
  let end = 0;
  for (let i = 0; i < 2; i++) {
    const header = await bytesAt(file, end, 12);
    const size = readSize(header);
    if (size === undefined) return false;
    end += size;
  }
  return end > lengthOf(file);
}

/** Bytes of an EBML element with an identifier of 4 bytes, header included; undefined where it does not say. */
function readSize(element: Uint8Array): number | undefined {
  const first = element[4] ?? 0;
  const bytes = Math.clz32(first) - 23;
  if (bytes > 8 || element.length < 4 + bytes) return undefined;
  let size = first & (0xff >> bytes);
  for (let i = 1; i < bytes; i++) size = size * 256 + element[4 + i]!;
  // All ones: not known yet.
  return size === 2 ** (7 * bytes) - 1 ? undefined : 4 + bytes + size;
}

export async function bytesAt(file: Blob | Uint8Array, at: number, count: number): Promise<Uint8Array> {
  if (isBytes(file)) return file.subarray(at, at + count);
  return new Uint8Array(await file.slice(at, at + count).arrayBuffer());
}

export function lengthOf(file: Blob | Uint8Array): number {
  return isBytes(file) ? file.length : file.size;
}

/** By its tag: arrays of another realm are such too. */
export function isBytes(file: unknown): file is Uint8Array {
  return Object.prototype.toString.call(file) === '[object Uint8Array]';
}
