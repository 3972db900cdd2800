import { AudioError } from '../errors.js';
import { checkRate } from '../signal.js';
import { type LogMelOptions, type MelSpectrogramOptions, planMel } from '../spectrogram/options.js';
import { type FrameStream, frameStream } from './frame-stream.js';

/** Chunks come without their rate, or have this one. */
export type Streamed<Options> = Options & { readonly sampleRate: number };

/** `melSpectrogram` of a sound that comes in chunks. @throws AudioError AUDIO_SAMPLE_RATE, AUDIO_FRAME, AUDIO_WINDOW, AUDIO_MEL, AUDIO_OPTION */
export function melSpectrogramStream(options: Streamed<MelSpectrogramOptions>): FrameStream {
  const sampleRate = checkRate(options?.sampleRate);
  const { engine, framing, log } = planMel(options, sampleRate);
  if (log?.needsAll) {
    throw new AudioError({
      code: 'AUDIO_OPTION',
      message: 'decibels below the largest value of all were asked for, but a stream does not know it before its end.',
      fix: "Stream with { scale: 'dB', topDb: null } and a reference of your own; or stream powers, and call powerToDb on what has come.",
    });
  }
  return frameStream({ engine, framing, sampleRate, options, dropped: 0, finish: log?.finish });
}

/** `logMel` of a sound that comes in chunks; decibels with `topDb: null`. @throws AudioError as {@link melSpectrogramStream} */
export function logMelStream(options: Streamed<LogMelOptions>): FrameStream {
  return melSpectrogramStream({ ...options, log: options?.log } as Streamed<MelSpectrogramOptions>);
}
