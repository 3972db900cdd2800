/** The first picture of a GIF: where it lies on the canvas, and what lies around it. */
export interface GifFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Its palette's first colour, black without a palette. */
  readonly color: readonly [number, number, number];
  /** Whether one of its colours is transparent. */
  readonly transparent: boolean;
}

/** Size in bytes of the palette that these flags announce. */
const paletteBytes = (flags: number): number => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);

/** GIF89a, sections 18 to 23: the blocks up to the first picture; undefined where the file ends before it. */
export function readFirstFrame(bytes: Uint8Array): GifFrame | undefined {
  const u8 = (at: number) => bytes[at] ?? 0;
  const u16 = (at: number) => u8(at) | (u8(at + 1) << 8);
  const shared = paletteBytes(u8(10));
  let transparent = false;
  for (let at = 13 + shared; at + 10 <= bytes.length; ) {
    if (bytes[at] === 0x2c) {
      const own = paletteBytes(u8(at + 9));
      const palette = own ? at + 10 : 13;
      const color = own || shared ? ([u8(palette), u8(palette + 1), u8(palette + 2)] as const) : ([0, 0, 0] as const);
      return { x: u16(at + 1), y: u16(at + 3), width: u16(at + 5), height: u16(at + 7), color, transparent };
    }
    if (bytes[at] !== 0x21) return undefined;
    if (bytes[at + 1] === 0xf9) transparent = (u8(at + 3) & 1) === 1;
    at += 2;
    while (u8(at) !== 0) at += 1 + u8(at);
    at++;
  }
  return undefined;
}
