import { type Coefficients, span } from './coefficients.js';
import { checkPixelCount, MAX_PIXELS, type Pixels } from './image.js';
import { loadKernel } from './kernel/instance.js';
import { resampleInKernel } from './kernel/resample.js';
import { resamplePlain } from './resample-plain.js';
import type { Rectangle } from './resize.js';

/** The passes of a resize along x and y, or one of them where the other's table is missing: [window.height, window.width, channels]. */
export type Resample = (
  source: Pixels,
  window: Rectangle,
  xTable: Coefficients | undefined,
  yTable: Coefficients | undefined,
) => Uint8Array;

/**
 * {@link Resample} by the fastest way there is, which changes nothing but the time.
 *
 * @throws ImageError `IMAGE_TOO_LARGE` where what stands between the passes has so many pixels, though never at once, that it would take long.
 */
export const resample: Resample = (source, window, xTable, yTable) => {
  if (xTable && yTable) checkPixelCount(window.width, span(yTable).count, 'what is resized along x alone', 4 * MAX_PIXELS);
  const kernel = loadKernel();
  return (kernel && resampleInKernel(kernel, source, window, xTable, yTable)) ?? resamplePlain(source, window, xTable, yTable);
};

/** What resizes here: WebAssembly with SIMD, or plain TypeScript where a runtime or a page's security policy has none. The bytes are the same. */
export function resizePath(): 'wasm-simd' | 'typescript' {
  return loadKernel() ? 'wasm-simd' : 'typescript';
}
