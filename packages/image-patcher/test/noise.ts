import type { Image } from '@polymodal/modality-registry';

const { imul } = Math;

/** Noise from a linear congruential generator: the same bytes as the script that asked Pillow made. */
export function noise(width: number, height: number, channels: number, seed = 1): Image {
  const data = new Uint8Array(width * height * channels);
  let state = seed;
  for (let i = 0; i < data.length; i++) {
    state = (imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return { data, width, height, channels };
}
