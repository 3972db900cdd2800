import { AudioError, shown } from '../errors.js';
import { checkFftLength } from '../fft/real-fft.js';
import type { Recipe } from './recipe.js';

/** @throws AudioError AUDIO_FRAME for lengths, AUDIO_WINDOW, AUDIO_MEL for tables that do not fit them, AUDIO_OPTION */
export function checkRecipe({ fftLength, hop, window, power, filters, log }: Recipe): void {
  checkFftLength(fftLength);
  if (!Number.isInteger(hop) || hop < 1)
    refuse('AUDIO_FRAME', `the hop is ${shown(hop)}, but a whole number of 1 or more samples was expected.`);
  if (window.length !== fftLength) refuse('AUDIO_WINDOW', `the window has ${window.length} factors, but a frame has ${fftLength} samples.`);
  if (power !== 1 && power !== 2) refuse('AUDIO_OPTION', `the power is ${shown(power)}, but 1 (magnitude) or 2 (power) was expected.`);
  if (log && !(log.floor >= 0 && log.floor < Infinity))
    refuse('AUDIO_OPTION', `the floor is ${shown(log.floor)}, but a finite number of 0 or more was expected.`);
  if (!filters) return;
  const { count, starts, lengths, weights } = filters;
  const bins = Math.floor(fftLength / 2) + 1;
  let needed = 0;
  for (let f = 0; f < count; f++) {
    const [start = -1, length = -1] = [starts[f], lengths[f]];
    if (start < 0 || length < 0 || start + length > bins)
      refuse('AUDIO_MEL', `filter ${f} weighs ${length} bins from ${start} on, of ${bins}.`);
    needed += length;
  }
  if (weights.length < needed) refuse('AUDIO_MEL', `the filters have ${weights.length} weights, but their lengths sum up to ${needed}.`);
}

/** @throws AudioError AUDIO_FRAME unless all frames lie within the samples and all values within the output */
export function checkRun(
  { hop, fftLength }: Recipe,
  bins: number,
  samples: { readonly length: number },
  start: number,
  frames: number,
  out: { readonly length: number },
  outOffset: number,
  outStride: number,
): void {
  const last = start + (frames - 1) * hop + fftLength;
  if (!(start >= 0 && last <= samples.length))
    refuse('AUDIO_FRAME', `frames end at sample ${last} from ${start} on, but there are ${samples.length} samples.`);
  const end = outOffset + (bins - 1) * outStride + frames;
  if (!(outOffset >= 0 && outStride >= 0 && end <= out.length))
    refuse('AUDIO_FRAME', `values end at ${end}, but the output has ${out.length}.`);
}

function refuse(code: string, message: string): never {
  throw new AudioError({ code, message });
}
