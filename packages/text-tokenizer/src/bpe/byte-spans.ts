/** For each UTF-8 byte of `text.slice(start, end)`, where its character starts and ends in `text`, in UTF-16 units. */
export function byteSpans(text: string, start: number, end: number): { readonly starts: Int32Array; readonly ends: Int32Array } {
  const starts = new Int32Array((end - start) * 3);
  const ends = new Int32Array(starts.length);
  let count = 0;
  for (let i = start; i < end; ) {
    const code = i + 1 < end ? text.codePointAt(i)! : text.charCodeAt(i);
    const next = i + (code > 0xffff ? 2 : 1);
    for (let n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4; n > 0; n--) {
      starts[count] = i;
      ends[count++] = next;
    }
    i = next;
  }
  return { starts: starts.subarray(0, count), ends: ends.subarray(0, count) };
}
