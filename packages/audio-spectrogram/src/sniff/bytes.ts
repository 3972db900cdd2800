import { isDetached } from '../detached.js';
import { AudioError } from '../errors.js';

/** Bytes as a view, or undefined for what is none. @throws AudioError `AUDIO_FILE` for bytes that were transferred to another thread */
export function viewBytes(file: unknown): Uint8Array | undefined {
  // By tag: arrays of another realm are such too.
  const tag = Object.prototype.toString.call(file);
  const isView = tag === '[object Uint8Array]';
  if (!isView && tag !== '[object ArrayBuffer]') return undefined;
  if (isDetached(isView ? (file as Uint8Array).buffer : (file as ArrayBuffer))) {
    throw new AudioError({
      code: 'AUDIO_FILE',
      message: 'the bytes are gone: their buffer was transferred to another thread.',
      fix: 'Transfer a copy, bytes.slice().',
    });
  }
  return isView ? (file as Uint8Array) : new Uint8Array(file as ArrayBuffer);
}
