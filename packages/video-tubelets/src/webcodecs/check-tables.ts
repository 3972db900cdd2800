import { VideoError } from '../errors.js';
import { boxesOf, bytesAt, lengthOf } from './cut-short.js';

const containers = new Set(['trak', 'mdia', 'minf', 'stbl']);

/**
 * Refuses an MP4 or QuickTime file whose tables of times claim more samples than the file has bytes: a demuxer would write them all out.
 *
 * @throws VideoError `VIDEO_DECODE`
 */
export async function checkTables(file: Blob | Uint8Array): Promise<void> {
  for await (const { type, at, size } of boxesOf(file)) {
    if (type === 'moov') checkTree(await bytesAt(file, at, Math.min(size, lengthOf(file) - at)), 8, lengthOf(file));
  }
}

function checkTree(box: Uint8Array, from: number, limit: number): void {
  const view = new DataView(box.buffer, box.byteOffset, box.length);
  for (let at = from; at + 8 <= box.length; ) {
    const size = view.getUint32(at);
    if (size < 8) return;
    const type = String.fromCharCode(...box.subarray(at + 4, at + 8));
    if (containers.has(type)) checkTree(box.subarray(at, at + size), 8, limit);
    if (type === 'stts' || type === 'ctts') checkCounts(view, at, Math.min(at + size, box.length), limit);
    at += size;
  }
}

/** ISO/IEC 14496-12, 8.6.1: version and flags, how many entries, and for each how many samples and their time. */
function checkCounts(view: DataView, at: number, end: number, limit: number): void {
  let samples = 0;
  for (let entry = at + 16; entry + 8 <= end; entry += 8) samples += view.getUint32(entry);
  if (samples <= limit) return;
  throw new VideoError({
    code: 'VIDEO_DECODE',
    message: `the file of ${limit} bytes claims ${samples} frames.`,
    fix: 'It is damaged: copy or download it again.',
  });
}
