import { createRandom } from '@polymodal/modality-registry';
import { logarithm } from '../engine/logarithm.js';
import type { KaldiSettings } from './options.js';
import { kaldiWindow } from './window.js';

/** The part of a signal that is at hand. */
export interface Stretch {
  readonly data: Float32Array;
  /** Place of data[0] in the signal. */
  readonly from: number;
  /** Length of the whole signal; Infinity while it is not known. */
  readonly total: number;
}

/** The floor of energies: float32's epsilon. */
export const EPSILON = 2 ** -23;

/** Where a frame begins; before the signal where edges are not snipped. */
export function frameStart({ size, shift, snipEdges }: KaldiSettings, frame: number): number {
  return frame * shift - (snipEdges ? 0 : Math.floor(size / 2) - Math.floor(shift / 2));
}

/**
 * Kaldi's frames before the transform, in float64: scaled, dithered, without their mean, pre-emphasised, windowed. What it gives writes a frame to
 * out[at …] (`size` values; the rest of a transform is left as it is) and returns the frame's log energy, or 0 where that is not used.
 */
export function kaldiFramer(settings: KaldiSettings): (stretch: Stretch, frame: number, out: Float64Array, at: number) => number {
  const { size, scale, dither, preemphasisCoefficient: emphasis, removeDcOffset, rawEnergy, useEnergy, energyFloor } = settings;
  const window = kaldiWindow(settings);
  const log = logarithm('e');
  const leastLog = energyFloor > 0 ? log(energyFloor) : Number.NEGATIVE_INFINITY;
  const noise = createRandom(settings.seed);

  return ({ data, from, total }, frame, out, at) => {
    const start = frameStart(settings, frame);
    if (start >= 0 && start + size <= total) {
      for (let i = 0, j = start - from; i < size; i++, j++) out[at + i] = data[j]! * scale;
    } else {
      for (let i = 0; i < size; i++) {
        const place = start + i;
        // The ends are reflected with the border itself twice: 1 0 | 0 1 2.
        const inside = place < 0 ? -1 - place : place < total ? place : 2 * total - 1 - place;
        out[at + i] = data[inside - from]! * scale;
      }
    }
    if (dither > 0) {
      // Noise by frame, so that it does not depend on how a signal is cut into chunks.
      const drawn = noise.fork(frame);
      for (let i = 0; i < size; i++) out[at + i]! += drawn.normal() * dither;
    }
    if (removeDcOffset) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += out[at + i]!;
      const mean = sum / size;
      for (let i = 0; i < size; i++) out[at + i]! -= mean;
    }
    const raw = useEnergy && rawEnergy ? energy(out, at, size) : 0;
    // From the back, since each sample needs the one before as it was; the first stands for the one before itself.
    for (let i = size - 1; i > 0; i--) out[at + i] = (out[at + i]! - emphasis * out[at + i - 1]!) * window[i]!;
    out[at] = (out[at]! - emphasis * out[at]!) * window[0]!;
    if (!useEnergy) return 0;
    return Math.max(log(Math.max(rawEnergy ? raw : energy(out, at, size), EPSILON)), leastLog);
  };
}

function energy(values: Float64Array, at: number, size: number): number {
  let sum = 0;
  for (let i = at; i < at + size; i++) sum += values[i]! * values[i]!;
  return sum;
}
