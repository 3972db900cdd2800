import { checkRecipe, checkRun } from './check-recipe.js';
import { plainEngine } from './engine-plain.js';
import type { FrameEngine, Recipe } from './recipe.js';

/**
 * Prepares what becomes of frames: window, Fourier transform, power, filters, logarithm.
 *
 * @throws AudioError AUDIO_FFT_LENGTH, AUDIO_RECIPE
 */
export function frameEngine(recipe: Recipe): FrameEngine {
  checkRecipe(recipe);
  const engine = plainEngine(recipe);
  return {
    bins: engine.bins,
    run(samples, start, frames, out, outOffset, outStride) {
      if (frames <= 0) return;
      checkRun(recipe, engine.bins, samples, start, frames, out, outOffset, outStride);
      engine.run(samples, start, frames, out, outOffset, outStride);
    },
  };
}
