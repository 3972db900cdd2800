import { type FileHandle, open } from 'node:fs/promises';
import { AudioError, shown } from '../errors.js';
import { viewBytes } from '../sniff/bytes.js';
import { audioFormat, unknownFormat } from '../sniff/format.js';

/** A sound file, or its bytes. */
export type AudioSource = string | URL | Uint8Array | ArrayBuffer;

/**
 * The bytes of a sound file; of one that is none, only the first are read.
 *
 * @throws AudioError `AUDIO_FILE` where the file cannot be read, `AUDIO_TOO_LARGE` over `maxBytes`, `AUDIO_EMPTY`, `AUDIO_UNKNOWN_FORMAT`.
 */
export async function readSource(source: AudioSource, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
  const held = viewBytes(source);
  if (held) return held;
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new AudioError({ code: 'AUDIO_FILE', message: `the file is ${shown(source)}, but a path, a file URL or bytes were expected.` });
  }
  let file: FileHandle | undefined;
  try {
    file = await open(source);
    return await readFile(file, maxBytes, signal);
  } catch (cause) {
    if (cause instanceof AudioError || signal?.aborted) throw cause;
    throw new AudioError({
      code: 'AUDIO_FILE',
      message: `${shown(String(source))} cannot be read (${cause instanceof Error ? cause.message : shown(cause)}).`,
      fix: 'Check that the path names a file that may be read.',
      cause,
    });
  } finally {
    await file?.close();
  }
}

async function readFile(file: FileHandle, maxBytes: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { size } = await file.stat();
  const head = new Uint8Array(16);
  const { bytesRead } = await file.read(head, 0, 16, 0);
  if (!audioFormat(head.subarray(0, bytesRead))) throw unknownFormat(head.subarray(0, bytesRead), 'a WAV, FLAC, MP3 or Ogg');
  if (size > maxBytes) {
    throw new AudioError({
      code: 'AUDIO_TOO_LARGE',
      message: `the file has ${size} bytes, but at most ${maxBytes} are read.`,
      fix: 'Pass a larger maxBytes if it can be trusted, or read a WAV as a stream, with readWav.',
    });
  }
  signal?.throwIfAborted();
  const bytes = new Uint8Array(size);
  let done = 0;
  while (done < size) {
    const read = await file.read(bytes, done, size - done, done);
    if (read.bytesRead === 0) break;
    done += read.bytesRead;
  }
  return bytes.subarray(0, done);
}
