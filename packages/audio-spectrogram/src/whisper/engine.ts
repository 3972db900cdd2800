import { uncheckedEngine } from '../engine/engine.js';
import type { FrameEngine } from '../engine/recipe.js';
import { AudioError, shown } from '../errors.js';
import { cosine } from '../fft/roots.js';
import { melCorners, triangles } from '../mel/triangles.js';
import type { SignalOptions } from '../signal.js';
import type { Framing } from '../stream/framing.js';

export interface WhisperOptions extends SignalOptions {
  /** 80 (default), or 128 as large-v3 and its kin. */
  readonly mels?: 80 | 128;
}

export const WHISPER_RATE = 16_000;

/** Whisper's frames: 25 ms every 10 ms, centred, mirrored at the ends. */
export const whisperFraming = { fftLength: 400, hopLength: 160, padMode: 'reflect' } as const satisfies Framing;

/** From Whisper's frames to log10 of at least 1e-10. @throws AudioError AUDIO_MEL for a number of mels that Whisper has not */
export function whisperEngine(mels = 80): FrameEngine {
  if (mels !== 80 && mels !== 128) {
    throw new AudioError({ code: 'AUDIO_MEL', message: `mels is ${shown(mels)}, but Whisper has 80, and 128 from large-v3 on.` });
  }
  const { fftLength, hopLength } = whisperFraming;
  const corners = melCorners(mels, 0, WHISPER_RATE / 2, 'slaney');
  const places = Float64Array.from({ length: fftLength / 2 + 1 }, (_, bin) => (bin * WHISPER_RATE) / fftLength);
  return uncheckedEngine({
    fftLength,
    hop: hopLength,
    // windowFunction('hann', 400), without the other windows.
    window: Float64Array.from({ length: fftLength }, (_, i) => 0.5 - 0.5 * cosine(Math.min(i, fftLength - i), fftLength)),
    power: 2,
    filters: triangles({ corners, places, widths: corners }),
    log: { base: '10', floor: 1e-10, how: 'max' },
  });
}
