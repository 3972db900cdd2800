import { isBytes } from './cut-short.js';
import type { Mediabunny, Source } from './mediabunny.js';

/** What became of the reads of one source. */
export interface Reads {
  /** How often the demuxer went in circles and was told that the file ends there. */
  readonly stuck: number;
}

/** After so many reads the event loop turns, so that a page stays alive and an abort is heard. */
const TURN = 2 ** 13;
/** Of so many reads the first place is watched. */
const WINDOW = 2 ** 16;
/** A place that is read so often within them is part of a circle; the files of no video make a demuxer do so. */
const CIRCLE = 2 ** 13;
const MAX_STUCK = 16;

/**
 * A source of a file's bytes for mediabunny that ends its endless loops. Where a Matroska file is damaged, 1.61 looks for the next element that it
 * knows; it reads the same place for ever where that element's own size is damaged, and eight bytes before the end where there is none. Told that
 * there are no more bytes, it takes the file as ended, as it means to.
 */
export function guardedSource(library: Mediabunny, file: Blob | Uint8Array, signal: AbortSignal | undefined) {
  const source: Source = isBytes(file) ? new library.BufferSource(file) : new library.BlobSource(file);
  const reads = { stuck: 0 };
  let count = 0;
  let watched = -1;
  let hits = 0;
  const read = source._read.bind(source);
  source._read = (...range) => {
    const [start] = range;
    if (count % WINDOW === 0) {
      watched = start;
      hits = 0;
    } else if (start === watched && ++hits > CIRCLE) {
      count = 0;
      if (++reads.stuck > MAX_STUCK) throw new Error('its parts are damaged and lead nowhere');
      return null;
    }
    count++;
    if (count % TURN !== 0) return read(...range);
    return turn().then(() => {
      signal?.throwIfAborted();
      return read(...range);
    });
  };
  return { source, reads: reads as Reads };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
