import { Readable } from 'node:stream';
import { constants, createInflate } from 'node:zlib';
import type { Inflate } from '../png/inflate.js';

/** By zlib, which gives all there is of data that end too soon. */
export const inflate: Inflate = async (parts, into) => {
  let done = 0;
  try {
    // Copies: zlib reads no shared memory.
    const compressed = Readable.from(parts.map((part) => new Uint8Array(part)));
    for await (const chunk of compressed.pipe(createInflate({ finishFlush: constants.Z_SYNC_FLUSH }))) {
      const bytes: Uint8Array = chunk;
      into.set(bytes.subarray(0, into.length - done), done);
      done += bytes.length;
      if (done >= into.length) break;
    }
  } catch {
    // Damaged: the caller sees how much there was.
  }
  return done;
};
