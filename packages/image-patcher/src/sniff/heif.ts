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
  const meta = child(reader, 0, bytes.length, 'meta');
  const properties = child(reader, meta.start + 4, meta.end, 'iprp');
  const container = child(reader, properties.start, properties.end, 'ipco');
  let width = 0;
  let height = 0;
  for (const box of boxes(reader, container.start, container.end)) {
    if (box.type !== 'ispe') continue;
    const [w, h] = [reader.u32(box.start + 4), reader.u32(box.start + 8)];
    if (w * h > width * height) [width, height] = [w, h];
  }
  return { format, width, height };
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
