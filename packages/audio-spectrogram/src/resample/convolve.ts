import { AudioError } from '../errors.js';
import { bankOf } from './bank.js';
import type { Convolve } from './chunks.js';
import { convolvePlain } from './convolve-plain.js';
import { convolveSimd } from './convolve-simd.js';
import type { Filter } from './filter.js';
import { type LoadedKernel, loadKernel } from './kernel.js';

/** 2 GiB. */
const MAX_OUTPUTS = 2 ** 29;

/** The sums of a filter by the fastest way there is, which changes nothing but the time; `checks` says whether it looks for loud samples. Without a kernel, null. */
export function convolver(filter: Filter, kernel: LoadedKernel | null = loadKernel()): { convolve: Convolve; checks: boolean } {
  const bank = bankOf(filter);
  const simd = bank && kernel && convolveSimd(filter, bank, kernel);
  return { convolve: simd ?? convolvePlain(filter, bank), checks: simd !== undefined };
}

/** What resamples here: WebAssembly with SIMD, or plain TypeScript where a runtime or a page's security policy has none. The bytes are the same. */
export function resamplePath(): 'wasm-simd' | 'typescript' {
  return loadKernel() ? 'wasm-simd' : 'typescript';
}

/** @throws AudioError AUDIO_TOO_LARGE */
export function allocate(samples: number): Float32Array {
  if (samples <= MAX_OUTPUTS) return new Float32Array(samples);
  throw new AudioError({
    code: 'AUDIO_TOO_LARGE',
    message: `the result would have ${samples} samples, but at most ${MAX_OUTPUTS} are made at once.`,
    fix: 'Push parts of the signal through resampleStream.',
  });
}
