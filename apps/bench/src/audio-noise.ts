import { createRandom } from '@polymodal/autograd';

/** Uniform white noise; times do not depend on what is heard. */
export function whiteNoise(seconds: number, sampleRate: number) {
  const random = createRandom(5);
  return { data: Float32Array.from({ length: seconds * sampleRate }, () => random.uniform() * 2 - 1), sampleRate };
}
