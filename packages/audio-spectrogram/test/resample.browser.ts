import { resampleChunks, resamplePath } from '../src/index.js';
import { loadKernel } from '../src/resample/kernel.js';
import { planOf } from '../src/resample/options.js';
import { resampleWith } from '../src/resample/resample.js';
import manifest from './goldens/resample.json';
import { noise } from './noise.js';
import { decoded, distance, type ResampleGolden, TOLERANCE } from './resample-goldens.js';

const kernels = { 'wasm-simd': loadKernel, typescript: () => null };

function goldenCase(path: keyof typeof kernels, { name, from, to, options, x, y }: ResampleGolden) {
  return {
    name: `${path}: ${name}`,
    run() {
      const { filter, padValue } = planOf(from, to, options)!;
      const data = resampleWith({ data: x, sampleRate: from }, filter, padValue, options, kernels[path]());
      const apart = distance(data, y);
      if (!(apart <= TOLERANCE)) throw new Error(`differs by ${apart}`);
      return data;
    },
  };
}

export default [
  { name: 'the kernel runs', run: resamplePath },
  ...decoded(manifest).flatMap((golden) => [goldenCase('wasm-simd', golden), goldenCase('typescript', golden)]),
  {
    name: 'chunks of 44.1 to 16 kHz',
    async run() {
      const signal = noise(10_000);
      const parts: number[] = [];
      for await (const part of resampleChunks([signal.subarray(0, 4567), signal.subarray(4567)], 44_100, 16_000)) parts.push(...part);
      return Float32Array.from(parts);
    },
  },
];
