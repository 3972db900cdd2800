/** Samples in (-1, 1) that a seed above 0 repeats. */
export function noise(length: number, seed = 1): Float32Array {
  let state = seed + 1;
  return Float32Array.from({ length }, () => {
    state = (state * 48271) % 2147483647;
    return state / 1073741823.5 - 1;
  });
}
