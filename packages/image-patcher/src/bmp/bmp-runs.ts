/**
 * The palette's indices of a run-length encoded BMP (compression 1 and 2 of Windows' bitmaps), rows in the order of the file, and how many of
 * them there were; those that are missing or skipped are 0. [height × width]
 */
export function expandRuns(
  bytes: Uint8Array,
  start: number,
  width: number,
  height: number,
  bits: 4 | 8,
): { readonly indices: Uint8Array; readonly whole: boolean } {
  const indices = new Uint8Array(width * height);
  // A run ends with its row, and what is left of it is dropped; single pixels go on in the next row.
  let x = 0;
  let at = start;
  for (let done = 0; done < indices.length; ) {
    if (at + 2 > bytes.length) return { indices, whole: false };
    const [count, value] = [bytes[at]!, bytes[at + 1]!];
    at += 2;
    if (count > 0) {
      const length = Math.max(0, Math.min(count, width - x));
      for (let i = 0; i < length && done < indices.length; i++)
        indices[done++] = bits === 8 ? value : i % 2 === 0 ? value >> 4 : value & 15;
      x += length;
    } else if (value === 0) {
      done += (width - (done % width)) % width;
      x = 0;
    } else if (value === 1) {
      return { indices, whole: true };
    } else if (value === 2) {
      if (at + 2 > bytes.length) return { indices, whole: false };
      done += bytes[at]! + bytes[at + 1]! * width;
      x = done % width;
      at += 2;
    } else {
      const length = Math.ceil((value * bits) / 8);
      if (at + length > bytes.length) return { indices, whole: false };
      for (let i = 0; i < value && done < indices.length; i++) {
        indices[done++] = bits === 8 ? bytes[at + i]! : i % 2 === 0 ? bytes[at + (i >> 1)]! >> 4 : bytes[at + (i >> 1)]! & 15;
      }
      x += value;
      at += length + (length % 2);
    }
  }
  return { indices, whole: true };
}
