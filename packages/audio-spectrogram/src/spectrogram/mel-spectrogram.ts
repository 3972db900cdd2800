import type { TensorLike } from '@polymodal/modality-registry';
import { type Signal, samplesOf } from '../signal.js';
import { expectedRate } from '../stream/expected-rate.js';
import { framedSignal } from '../stream/framing.js';
import { type LogPlan, planLog } from './log-scale.js';
import { newValues } from './new-values.js';
import { type LogMelOptions, type MelSpectrogramOptions, planMel } from './options.js';

/**
 * A mel spectrogram, [mels, frames]: magnitudes or powers of centred frames, summed by triangular filters. librosa's
 * `feature.melspectrogram`, and with {@link torchaudioMel} torchaudio's `MelSpectrogram`.
 *
 * @throws AudioError AUDIO_SAMPLE_RATE for a missing or contradictory rate; AUDIO_TOO_SHORT; AUDIO_SIGNAL, AUDIO_NOT_FINITE for samples;
 * AUDIO_FRAME, AUDIO_WINDOW, AUDIO_MEL for options that there cannot be
 */
export function melSpectrogram(signal: Signal, options: MelSpectrogramOptions = {}): TensorLike<'float32'> {
  return spectrogram(signal, options, undefined);
}

/**
 * The logarithm of {@link melSpectrogram}, [mels, frames].
 *
 * @throws AudioError AUDIO_OPTION for a `log` that there cannot be; otherwise as {@link melSpectrogram}
 */
export function logMel(signal: Signal, options: LogMelOptions): TensorLike<'float32'> {
  return spectrogram(signal, options, planLog(options?.log));
}

function spectrogram(signal: Signal, options: MelSpectrogramOptions, log: LogPlan | undefined): TensorLike<'float32'> {
  const samples = samplesOf(signal, options);
  const { engine, framing } = planMel(options, expectedRate(signal, options.sampleRate), log);
  const framed = framedSignal(framing);
  const frames = framed.total(samples.length);
  const data = newValues(engine.bins, frames); // [mels, frames]
  let done = 0;
  const take = (from: Float32Array, start: number, count: number) => {
    engine.run(from, start, count, data, done, frames);
    done += count;
  };
  framed.push(samples, take);
  framed.end(take);
  log?.finish?.(data);
  return { type: 'float32', dims: [engine.bins, frames], data };
}
