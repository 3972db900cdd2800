/** Small enough to be copied at leisure, large enough to be quick. */
const step = 2 ** 16;

async function feed(writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>, compressed: Uint8Array): Promise<void> {
  try {
    // Copies: a stream of the platform may not read shared memory.
    for (let at = 0; at < compressed.length; at += step) await writer.write(new Uint8Array(compressed.subarray(at, at + step)));
    await writer.close();
  } catch {
    // Damaged, or ended by the reader below: the caller sees how much there was.
  }
}

/** Unpacks raw deflate data (RFC 1951) that make exactly `size` bytes; undefined where they do not. Never holds more than that. */
export async function inflateRaw(compressed: Uint8Array, size: number): Promise<Uint8Array | undefined> {
  const into = new Uint8Array(size);
  const { readable, writable } = new DecompressionStream('deflate-raw');
  const writer = writable.getWriter();
  writer.closed.catch(() => undefined);
  const fed = feed(writer, compressed);
  const reader = readable.getReader();
  let done = 0;
  let sound = true;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const bytes: Uint8Array = part.value;
      if (bytes.length > size - done) {
        sound = false;
        await reader.cancel();
        break;
      }
      into.set(bytes, done);
      done += bytes.length;
    }
  } catch {
    sound = false;
  }
  await fed;
  return sound && done === size ? into : undefined;
}

/** Packs bytes as raw deflate data. */
export async function deflateRaw(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new Response(bytes as Uint8Array<ArrayBuffer>).body!.pipeThrough(new CompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
