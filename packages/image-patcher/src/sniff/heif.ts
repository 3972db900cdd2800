import type { Orientation } from '../orient.js';
import { type ImageInfo, Reader } from './reader.js';

const avifBrands = ['avif', 'avis'];
const heicBrands = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'];

/** The brand of an ISO base media file, where it is one that holds pictures. */
export function heifBrand(bytes: Uint8Array): 'avif' | 'heic' | undefined {
  const reader = new Reader(bytes, 'heic');
  if (reader.tag(4) !== 'ftyp' || bytes.length < 16) return undefined;
  const end = Math.min(reader.u32(0), bytes.length, 256);
  const brands = [reader.tag(8)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(reader.tag(at));
  if (brands.some((brand) => avifBrands.includes(brand))) return 'avif';
  return brands.some((brand) => heicBrands.includes(brand)) ? 'heic' : undefined;
}

/** AVIF and HEIC (ISO/IEC 23008-12): the largest `ispe` among the item properties is the picture, smaller ones are its tiles and thumbnails. */
export function readHeif(bytes: Uint8Array, format: 'avif' | 'heic'): ImageInfo {
  const reader = new Reader(bytes, format);
  let width = 0;
  let height = 0;
  for (const box of properties(reader)) {
    if (box.type !== 'ispe') continue;
    const [w, h] = [reader.u32(box.start + 4), reader.u32(box.start + 8)];
    if (w * h > width * height) [width, height] = [w, h];
  }
  return { format, width, height };
}

/** How a picture is turned for display: by so many quarters anticlockwise, then mirrored about an axis (0: top to bottom, 1: left to right). */
interface Turn {
  readonly kind: 'irot' | 'imir';
  readonly value: number;
  /** Where that value stands, right behind the name of its box. */
  readonly at: number;
}

function turnsOf(bytes: Uint8Array): Turn[] {
  const reader = new Reader(bytes, 'avif');
  const turns: Turn[] = [];
  for (const { type, start } of properties(reader)) {
    if (type === 'irot') turns.push({ kind: type, value: reader.u8(start) & 3, at: start });
    if (type === 'imir') turns.push({ kind: type, value: reader.u8(start) & 1, at: start });
  }
  return turns;
}

/** By the axis of the mirroring (none, 0, 1), and by the quarters of the rotation before it. */
const orientations: readonly (readonly Orientation[])[] = [
  [1, 8, 3, 6],
  [4, 5, 2, 7],
  [2, 7, 4, 5],
];

/** The EXIF orientation that says the same as the first `irot` and `imir` of an AVIF or HEIC file. */
export function heifOrientation(bytes: Uint8Array): Orientation {
  const turns = turnsOf(bytes);
  const value = (kind: Turn['kind']) => turns.find((turn) => turn.kind === kind)?.value;
  const row = orientations[(value('imir') ?? -1) + 1]!;
  return row[value('irot') ?? 0]!;
}

/**
 * A file whose picture is decoded as it is stored, as Pillow decodes it: every rotation and mirroring becomes a rotation by 0, which decoders
 * accept where they would refuse a property that they do not know. One that turns nothing is given back as it is.
 */
export function withoutTurns(bytes: Uint8Array): Uint8Array {
  const turns = turnsOf(bytes).filter(({ kind, value }) => kind === 'imir' || value !== 0);
  if (turns.length === 0) return bytes;
  const still = new Uint8Array(bytes);
  for (const { at } of turns) still.set([0x69, 0x72, 0x6f, 0x74, 0], at - 4); // "irot", 0
  return still;
}

function* properties(reader: Reader): Generator<Box> {
  const meta = child(reader, 0, reader.length, 'meta');
  const outer = child(reader, meta.start + 4, meta.end, 'iprp');
  const container = child(reader, outer.start, outer.end, 'ipco');
  yield* boxes(reader, container.start, container.end);
}

interface Box {
  readonly type: string;
  /** Of the content. */
  readonly start: number;
  readonly end: number;
}

function child(reader: Reader, start: number, end: number, type: string): Box {
  for (const box of boxes(reader, start, end)) if (box.type === type) return box;
  throw reader.malformed(`no ${type} box`);
}

function* boxes(reader: Reader, start: number, end: number): Generator<Box> {
  for (let at = start; at < end; ) {
    const declared = reader.u32(at);
    const header = declared === 1 ? 16 : 8;
    const size = declared === 1 ? reader.u64(at + 8) : declared === 0 ? end - at : declared;
    if (size < header) throw reader.malformed(`a box of ${size} bytes`);
    yield { type: reader.tag(at + 4), start: at + header, end: Math.min(at + size, end) };
    at += size;
  }
}
