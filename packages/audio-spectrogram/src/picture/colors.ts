/** Colours from black by purple, red and orange to light yellow, evenly spaced, RGB each: brighter is louder, also for the colour-blind. */
export const glow: readonly (readonly number[])[] = [
  [0, 0, 0],
  [85, 15, 110],
  [190, 55, 85],
  [250, 140, 10],
  [255, 255, 165],
];

/** 256 colours between those given. [256, 3] */
export function paletteOf(colors: readonly (readonly number[])[]): Uint8Array {
  const last = colors.length - 1;
  return Uint8Array.from({ length: 256 * 3 }, (_, i) => {
    const at = (Math.floor(i / 3) / 255) * last;
    const below = Math.min(Math.floor(at), last - 1);
    const from = colors[below]![i % 3]!;
    return Math.round(from + (colors[below + 1]![i % 3]! - from) * (at - below));
  });
}
