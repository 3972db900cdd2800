import { checkChoice } from '../choices.js';
import { AudioError } from '../errors.js';

/**
 * What stands before and after a signal: silence, the signal mirrored at its first and last sample, these samples themselves, or the signal
 * again. numpy and librosa call `replicate` edge, and `circular` wrap.
 */
export type PadMode = 'reflect' | 'constant' | 'replicate' | 'circular';

/** How many samples each needs to give `pad` more. */
const needs: Readonly<Record<PadMode, (pad: number) => number>> = {
  reflect: (pad) => pad + 1,
  constant: () => 0,
  replicate: () => 1,
  circular: (pad) => pad,
};

/** @throws AudioError AUDIO_OPTION for an unknown mode */
export function checkPadMode(padMode: PadMode): void {
  checkChoice('padMode', padMode, Object.keys(needs));
}

/** @throws AudioError AUDIO_TOO_SHORT where a signal cannot be padded by as much, as in torch */
export function checkPadding(padMode: PadMode, pad: number, samples: number): void {
  const needed = needs[padMode](pad);
  if (pad === 0 || samples >= needed) return;
  throw new AudioError({
    code: 'AUDIO_TOO_SHORT',
    message: `the signal has ${samples} samples, but padding by ${pad} (half a frame) with '${padMode}' needs at least ${needed}.`,
    fix: "Append zeros to the signal, pass padMode: 'constant', or take shorter frames.",
  });
}

/** Reads what begins at sample `start` of the signal, or before it, and may end behind it. */
export function readFrame(samples: Float32Array, start: number, padMode: PadMode, frame: Float32Array | Float64Array): void {
  const { length } = samples;
  for (let j = 0; j < frame.length; j++) {
    const at = start + j;
    frame[j] = at >= 0 && at < length ? samples[at]! : paddedSample(samples, at, padMode);
  }
}

/** Sample `at` outside of a signal, as near as {@link checkPadding} allows. */
function paddedSample(samples: Float32Array, at: number, padMode: PadMode): number {
  const last = samples.length - 1;
  if (padMode === 'constant') return 0;
  if (padMode === 'replicate') return samples[at < 0 ? 0 : last]!;
  if (padMode === 'circular') return samples[at < 0 ? at + samples.length : at - samples.length]!;
  return samples[at < 0 ? -at : 2 * last - at]!;
}
