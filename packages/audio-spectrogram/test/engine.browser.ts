import { frameEngine } from '../src/engine/engine.js';
import { plainEngine } from '../src/engine/engine-plain.js';
import type { Recipe } from '../src/engine/recipe.js';
import { enginePath, istft, stft, windowFunction } from '../src/index.js';
import { loadKernel } from '../src/kernel/instance.js';
import { kernelEngine } from '../src/kernel/kernel-engine.js';
import { noise } from './noise.js';

const FRAMES = 301;

/** Every tenth bin alone, and all bins together. */
function filters(bins: number): NonNullable<Recipe['filters']> {
  const count = Math.ceil(bins / 10) + 1;
  const starts = Int32Array.from({ length: count }, (_, f) => (f + 1 < count ? 10 * f : 0));
  const lengths = starts.map((_, f) => (f + 1 < count ? 1 : bins));
  return { count, starts, lengths, weights: Float64Array.from(noise(count - 1 + bins, 9), Math.abs) };
}

const recipes: readonly Recipe[] = [400, 512, 480, 1200, 20].flatMap((fftLength, i) =>
  [undefined, filters(fftLength / 2 + 1)].map((bank) => ({
    fftLength,
    hop: 160,
    window: windowFunction(i % 2 ? 'povey' : 'hann', fftLength, { periodic: i % 2 === 0 }),
    power: i % 2 ? 1 : 2,
    filters: bank,
    log: bank && { base: i % 2 ? ('e' as const) : ('10' as const), floor: 1e-10, how: i % 2 ? ('add' as const) : ('max' as const) },
  })),
);

function kernelOf(recipe: Recipe) {
  const kernel = loadKernel();
  const engine = kernel && kernelEngine(kernel, recipe);
  if (!engine) throw new Error('the kernel declined');
  return engine;
}

const paths = { 'wasm-simd': kernelOf, typescript: plainEngine, 'the fastest': frameEngine };

export default [
  { name: 'the kernel runs', run: enginePath },
  ...recipes.flatMap((recipe) =>
    Object.entries(paths).map(([path, engineOf]) => ({
      name: `${path}: frames of ${recipe.fftLength}, ${recipe.filters ? 'filters and logarithm' : 'all bins'}`,
      run() {
        const samples = noise(recipe.fftLength + (FRAMES - 1) * recipe.hop, 3);
        const values = [engineOf, plainEngine].map((make) => {
          const engine = make(recipe);
          const out = new Float32Array(engine.bins * FRAMES);
          engine.run(samples, 0, FRAMES, out, 0, FRAMES);
          return out;
        });
        const at = values[0]!.findIndex((value, i) => !Object.is(value, values[1]![i]));
        if (at >= 0) throw new Error(`value ${at} is ${values[0]![at]}, but in TypeScript ${values[1]![at]}`);
        return values[0];
      },
    })),
  ),
  ...[256, 400, 441].map((fftLength) => ({
    name: `stft of ${fftLength} and back`,
    run() {
      const spectrogram = stft(noise(3000), { fftLength });
      return { ...spectrogram, back: istft(spectrogram, { fftLength }) };
    },
  })),
];
