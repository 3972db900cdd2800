/** Whether a buffer was transferred to another thread. `detached` is newer than Node 20: there, a view cannot be made of such a buffer. */
export function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}
