import { cosine } from '../fft/roots.js';
import { windowFunction } from '../window.js';
import type { KaldiSettings } from './options.js';

/** Kaldi's windows, symmetric. [size] Its Blackman window has a coefficient to choose, unlike other libraries'. */
export function kaldiWindow({
  windowType,
  size,
  blackmanCoeff,
}: Pick<KaldiSettings, 'windowType' | 'size' | 'blackmanCoeff'>): Float64Array {
  if (windowType !== 'blackman') return windowFunction(windowType === 'hanning' ? 'hann' : windowType, size, { periodic: false });
  const period = size - 1;
  return Float64Array.from(
    { length: size },
    (_, i) => blackmanCoeff - 0.5 * cosine(i, period) + (0.5 - blackmanCoeff) * cosine(2 * i, period),
  );
}
