import { type FileHandle, open, stat } from 'node:fs/promises';
import { ImageError, shown } from '../errors.js';
import { checkByteCount } from '../sniff/decode-options.js';
import { asBytes } from '../sniff/reader.js';
import { sniffImage } from '../sniff/sniff-image.js';

/** A picture file, or its bytes. */
export type ImageSource = string | URL | Uint8Array | ArrayBuffer;

const HEAD_BYTES = 65_536;

/**
 * The bytes of a picture; of a file that is none, only the first 64 KB are read.
 *
 * @throws ImageError `IMAGE_FILE` where the file cannot be read, `IMAGE_TOO_LARGE` over `maxBytes`, and those of `sniffImage`.
 */
export async function readSource(source: ImageSource, maxBytes: number): Promise<Uint8Array> {
  if (typeof source !== 'string' && !(source instanceof URL)) {
    const bytes = asBytes(source, 'a path, a file URL, a Uint8Array or an ArrayBuffer');
    checkByteCount(bytes.length, maxBytes);
    return bytes;
  }
  let file: FileHandle | undefined;
  try {
    if (!(await stat(source)).isFile()) throw new Error('it is not a file'); // opening a pipe would wait for a writer
    file = await open(source);
    return await readFile(file, maxBytes);
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    throw new ImageError({
      code: 'IMAGE_FILE',
      message: `${shown(String(source))} cannot be read (${cause instanceof Error ? cause.message : shown(cause)}).`,
      fix: 'Check that the path names a file that may be read.',
      cause,
    });
  } finally {
    await file?.close();
  }
}

async function readFile(file: FileHandle, maxBytes: number): Promise<Uint8Array> {
  const { size } = await file.stat();
  const head = new Uint8Array(Math.min(size, HEAD_BYTES));
  const there = head.subarray(0, await fill(file, head, 0));
  // An unknown format is refused now, however large; a header that goes on after the head is judged again when all of it is there.
  throwIfUnknown(there);
  checkByteCount(size, maxBytes);
  if (size === there.length) return there;
  const bytes = new Uint8Array(size);
  bytes.set(there);
  const rest = await fill(file, bytes.subarray(there.length), there.length);
  return bytes.subarray(0, there.length + rest);
}

async function fill(file: FileHandle, into: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

function throwIfUnknown(head: Uint8Array): void {
  try {
    sniffImage(head);
  } catch (error) {
    // Any other error may come from the header going on behind the head.
    if (!(error instanceof ImageError) || ['IMAGE_EMPTY', 'IMAGE_UNKNOWN_FORMAT'].includes(error.code)) throw error;
  }
}
