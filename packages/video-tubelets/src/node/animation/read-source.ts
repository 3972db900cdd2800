import { type FileHandle, open, stat } from 'node:fs/promises';
import { ImageError } from '@polymodal/image-patcher';
import { checkFormat } from '../../animation.js';
import { shown, VideoError } from '../../errors.js';

/** An animated picture file, or its bytes. */
export type AnimationSource = string | URL | Uint8Array | ArrayBuffer;

/** The header of a GIF or a WebP lies within these. */
const HEAD_BYTES = 65_536;

/**
 * The bytes of a GIF or WebP; of a file that is none, only the first 64 KB are read.
 *
 * @throws VideoError `VIDEO_FILE` where the file cannot be read, `VIDEO_TOO_LARGE` over `maxBytes`, and those of `checkFormat`.
 */
export async function readSource(source: AnimationSource, maxBytes: number): Promise<Uint8Array> {
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    const bytes = source instanceof ArrayBuffer ? new Uint8Array(source) : source;
    checkBytes(bytes.length, maxBytes);
    return bytes;
  }
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new VideoError({ code: 'VIDEO_FILE', message: `animation is ${shown(source)}, but a path, a file URL or bytes were expected.` });
  }
  const file = await opening(source, async () => {
    // Opening a pipe would wait for a writer, and a device has no end.
    if (!(await stat(source)).isFile()) throw new Error('it is not a file');
    return open(source);
  });
  try {
    const { size } = await opening(source, () => file.stat());
    const head = await opening(source, () => read(file, Math.min(size, HEAD_BYTES)));
    checkHead(head, size);
    checkBytes(size, maxBytes);
    if (size <= head.length) return head;
    // As long as it was: of a file that grows no more is read.
    return await opening(source, () => read(file, size));
  } finally {
    await file.close();
  }
}

/** Another format is refused now, however large the file. */
function checkHead(head: Uint8Array, size: number): void {
  try {
    checkFormat(head);
  } catch (error) {
    // What goes on behind the head is judged when all of it is there.
    if (size > head.length && ImageError.isInstance(error) && error.code === 'IMAGE_TRUNCATED') return;
    throw error;
  }
}

/** Up to `size` bytes; fewer where the file ends before. */
async function read(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let done = 0;
  while (done < size) {
    const { bytesRead } = await file.read(bytes, done, size - done, done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

function checkBytes(size: number, maxBytes: number): void {
  if (size <= maxBytes) return;
  throw new VideoError({
    code: 'VIDEO_TOO_LARGE',
    message: `the file has ${size} bytes, but at most ${maxBytes} are read.`,
    fix: 'Pass a larger maxBytes if it can be trusted.',
  });
}

async function opening<T>(source: string | URL, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new VideoError({
      code: 'VIDEO_FILE',
      message: `${shown(String(source))} cannot be read (${cause instanceof Error ? cause.message : shown(cause)}).`,
      fix: 'Check that the path names a file that may be read.',
      cause,
    });
  }
}
