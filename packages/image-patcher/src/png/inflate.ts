/** Fills `into` with what inflating the parts gives, as far as it goes and whatever follows; the number of bytes that there were. */
export type Inflate = (parts: readonly Uint8Array[], into: Uint8Array) => Promise<number>;

/** By the DecompressionStream of browsers; Node's would lose a part of data that end too soon. */
export const inflateStream: Inflate = async (parts, into) => {
  const { readable, writable } = new DecompressionStream('deflate');
  const writer = writable.getWriter();
  const reading = readInto(readable, into);
  try {
    for (const part of parts) await writer.write(new Uint8Array(part));
    // Closing is an error where the data end too soon, and an error drops what was not read yet: that is read first.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await writer.close();
  } catch {
    // Damaged or cut short, or there is more than was asked for: the caller sees how much there was.
  }
  return reading;
};

async function readInto(readable: ReadableStream<Uint8Array>, into: Uint8Array): Promise<number> {
  const reader = readable.getReader();
  let done = 0;
  try {
    while (done < into.length) {
      const { value } = await reader.read();
      if (!value) break;
      into.set(value.subarray(0, into.length - done), done);
      done += value.length;
    }
    await reader.cancel();
  } catch {
    // As above.
  }
  return done;
}
