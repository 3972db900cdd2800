import { loadKernel } from '../kernel/instance.js';
import { kernelEngine } from '../kernel/kernel-engine.js';
import { checkRecipe, checkRun } from './check-recipe.js';
import { plainEngine } from './engine-plain.js';
import type { FrameEngine, Recipe } from './recipe.js';

/**
 * Prepares what becomes of frames: window, Fourier transform, power, filters, logarithm. It runs by the fastest way there is, which changes
 * nothing but the time.
 *
 * @throws AudioError AUDIO_FRAME, AUDIO_WINDOW, AUDIO_MEL, AUDIO_OPTION for a recipe that there cannot be
 */
export function frameEngine(recipe: Recipe): FrameEngine {
  checkRecipe(recipe);
  const engine = uncheckedEngine(recipe);
  return {
    bins: engine.bins,
    run(samples, start, frames, out, outOffset, outStride) {
      if (frames <= 0) return;
      checkRun(recipe, engine.bins, samples, start, frames, out, outOffset, outStride);
      engine.run(samples, start, frames, out, outOffset, outStride);
    },
  };
}

/** {@link frameEngine} without its checks, for the recipes and runs of this package that fit by their making: Whisper's is to be small. */
export function uncheckedEngine(recipe: Recipe): FrameEngine {
  const kernel = loadKernel();
  return (kernel && kernelEngine(kernel, recipe)) ?? plainEngine(recipe);
}

/**
 * What computes frames here: WebAssembly with SIMD, or plain TypeScript where a runtime or a page's security policy has none, and for lengths
 * that are odd or have a prime factor above 5. The values are the same to the bit.
 */
export function enginePath(): 'wasm-simd' | 'typescript' {
  return loadKernel() ? 'wasm-simd' : 'typescript';
}
