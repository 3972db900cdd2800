import { VideoError } from '../errors.js';
import { boxesOf, bytesAt, lengthOf } from './cut-short.js';

/** A box in the bytes of its parent: where its content begins and ends. */
interface Part {
  readonly type: string;
  readonly from: number;
  readonly end: number;
}

interface Table {
  readonly view: DataView;
  /** No file has more samples than bytes. */
  readonly limit: number;
}

const containers = new Set(['moov', 'trak', 'mdia', 'minf', 'moof', 'traf']);
/** Bytes of an entry, by the type of the table (ISO/IEC 14496-12, 8.6 and 8.7). */
const entryBytes: Readonly<Record<string, number>> = { stts: 8, ctts: 8, stss: 4, stsc: 12, stco: 4, co64: 8 };
/** In these each entry begins with how many samples it stands for. */
const runs = new Set(['stts', 'ctts']);
/** A few more samples in a chunk than there are do no harm. */
const SPARE_SAMPLES = 1000;

/**
 * Refuses an MP4 or QuickTime file whose tables claim more entries than they have, more samples than the file has bytes, or more samples in a chunk
 * than there are: a demuxer would write them out, or count them anew for every frame.
 *
 * @throws VideoError `VIDEO_DECODE`
 */
export async function checkTables(file: Blob | Uint8Array): Promise<void> {
  const limit = lengthOf(file);
  for await (const { type, at, size } of boxesOf(file)) {
    // What is cut short is not read at all.
    if ((type !== 'moov' && type !== 'moof') || at + size > limit) continue;
    const box = await bytesAt(file, at, size);
    checkTree({ view: new DataView(box.buffer, box.byteOffset, box.length), limit }, 0, box.length);
  }
}

function checkTree(table: Table, from: number, end: number): void {
  for (const part of partsOf(table, from, end)) {
    if (containers.has(part.type)) checkTree(table, part.from, part.end);
    if (part.type === 'stbl') checkSamples(table, part);
    if (part.type === 'trun') checkRun(table, part);
  }
}

function* partsOf({ view }: Table, from: number, end: number): Generator<Part, void, undefined> {
  for (let at = from; at + 8 <= end; ) {
    const short = view.getUint32(at);
    const large = short === 1 && at + 16 <= end;
    const size = large ? Number(view.getBigUint64(at + 8)) : short;
    const head = large ? 16 : 8;
    if (size < head) return;
    const type = String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(at + i)));
    yield { type, from: at + head, end: Math.min(at + size, end) };
    at += size;
  }
}

/** The tables of one track. */
function checkSamples(table: Table, { from, end }: Part): void {
  const { view, limit } = table;
  let inChunk = 0;
  let listed = 0;
  let alike = false;
  for (const part of partsOf(table, from, end)) {
    const bytes = entryBytes[part.type];
    const first = part.from + 8;
    if (bytes) {
      const count = checkCount(table, part, part.from + 4, first, bytes);
      let samples = 0;
      for (let i = 0, at = first; i < count; i++, at += bytes) {
        if (runs.has(part.type)) samples += view.getUint32(at);
        if (part.type === 'stsc') inChunk = Math.max(inChunk, view.getUint32(at + 4));
      }
      if (samples > limit) throw claims(`${samples} frames`, limit);
    }
    if (part.type === 'stsz' && first + 4 <= part.end) {
      alike ||= view.getUint32(part.from + 4) > 0;
      if (!alike) listed += checkCount(table, part, first, first + 4, 4);
    }
    // Sizes of 4, 8 or 16 bits.
    if (part.type === 'stz2') listed += checkCount(table, part, first, first + 4, 0.5);
  }
  if (!alike && inChunk > listed + SPARE_SAMPLES) throw claims(`${inChunk} frames in a part that has ${listed}`, limit);
}

/** The samples of a fragment, whose fields may all be left to defaults (8.8.8). */
function checkRun(table: Table, part: Part): void {
  if (part.from + 8 > part.end) return;
  const flags = table.view.getUint32(part.from);
  const fields = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length;
  const first = part.from + 8 + [1, 4].filter((flag) => flags & flag).length * 4;
  checkCount(table, part, part.from + 4, first, fields * 4);
}

/** The number at `at`, which counts entries of so many bytes from `first` on. */
function checkCount({ view, limit }: Table, { type, end }: Part, at: number, first: number, bytes: number): number {
  if (at + 4 > end) return 0;
  const count = view.getUint32(at);
  if (first + count * bytes > end || count > limit) throw claims(`${count} entries of ${type}`, limit);
  return count;
}

function claims(what: string, limit: number): VideoError {
  return new VideoError({
    code: 'VIDEO_DECODE',
    message: `the file of ${limit} bytes claims ${what}.`,
    fix: 'It is damaged: copy or download it again.',
  });
}
