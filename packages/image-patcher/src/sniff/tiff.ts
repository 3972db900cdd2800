import { type ImageInfo, Reader } from './reader.js';

const IMAGE_WIDTH = 256;
const IMAGE_LENGTH = 257;

/** TIFF 6.0 and BigTIFF: width and height from the first directory, which may lie at the end of the file. */
export function readTiff(bytes: Uint8Array): ImageInfo {
  const reader = new Reader(bytes, 'tiff', bytes[0] === 0x49);
  const big = reader.u16(2) === 43;
  const directory = big ? reader.u64(8) : reader.u32(4);
  const entries = big ? reader.u64(directory) : reader.u16(directory);
  if (entries > 4096) throw reader.malformed(`a directory of ${entries} entries`);
  const first = directory + (big ? 8 : 2);
  let width = 0;
  let height = 0;
  for (let i = 0; i < entries; i++) {
    const entry = first + i * (big ? 20 : 12);
    const tag = reader.u16(entry);
    if (tag !== IMAGE_WIDTH && tag !== IMAGE_LENGTH) continue;
    const value = entry + (big ? 12 : 8);
    const length = reader.u16(entry + 2) === 3 ? reader.u16(value) : reader.u32(value);
    if (tag === IMAGE_WIDTH) width = length;
    else height = length;
  }
  return { format: 'tiff', width, height };
}
