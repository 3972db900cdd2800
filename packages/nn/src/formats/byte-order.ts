/** A copy of elements of `size` bytes each, the bytes of each in reverse. */
export function swapBytes(bytes: Uint8Array, size: number): Uint8Array {
  const swapped = new Uint8Array(bytes.length);
  for (let start = 0; start + size <= bytes.length; start += size)
    for (let i = 0; i < size; i++) swapped[start + i] = bytes[start + size - 1 - i]!;
  return swapped;
}
