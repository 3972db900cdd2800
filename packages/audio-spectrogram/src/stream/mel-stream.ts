import { AudioError } from '../errors.js';
import { checkRate } from '../signal.js';
import { type LogPlan, planLog } from '../spectrogram/log-scale.js';
import { type LogMelOptions, type MelSpectrogramOptions, planMel } from '../spectrogram/options.js';
import { type FrameStream, frameStream } from './frame-stream.js';

/** Chunks come without their rate, or have this one. */
export type Streamed<Options> = Options & { readonly sampleRate: number };

/** `melSpectrogram` of a sound that comes in chunks. @throws AudioError AUDIO_SAMPLE_RATE, AUDIO_FRAME, AUDIO_WINDOW, AUDIO_MEL */
export function melSpectrogramStream(options: Streamed<MelSpectrogramOptions>): FrameStream {
  return stream(options, undefined);
}

/** `logMel` of a sound that comes in chunks; decibels with `topDb: null`. @throws AudioError as {@link melSpectrogramStream}, and AUDIO_OPTION for `log` */
export function logMelStream(options: Streamed<LogMelOptions>): FrameStream {
  return stream(options, planLog(options?.log));
}

function stream(options: Streamed<MelSpectrogramOptions>, log: LogPlan | undefined): FrameStream {
  const sampleRate = checkRate(options?.sampleRate);
  const { engine, framing } = planMel(options, sampleRate, log);
  if (log?.needsAll) {
    throw new AudioError({
      code: 'AUDIO_OPTION',
      message: 'decibels below the largest value of all were asked for, but a stream does not know it before its end.',
      fix: "Stream with { scale: 'dB', topDb: null } and a reference of your own; or stream powers, and call powerToDb on what has come.",
    });
  }
  return frameStream({ engine, framing, sampleRate, options, dropped: 0, finish: log?.finish });
}
