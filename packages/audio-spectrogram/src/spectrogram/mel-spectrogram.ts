import type { TensorLike } from '@polymodal/modality-registry';
import { type Signal, samplesOf } from '../signal.js';
import { checkPadding, readFrame } from '../stft/padding.js';
import { expectedRate } from '../stream/expected-rate.js';
import { type Framing, framedSignal } from '../stream/framing.js';
import { type LogPlan, planLog } from './log-scale.js';
import { newValues } from './new-values.js';
import { checkMelOptions, type LogMelOptions, type MelSpectrogramOptions, planWholeMel, type WholeMelPlan } from './options.js';

/**
 * A mel spectrogram, [mels, frames]: magnitudes or powers of centred frames, summed by triangular filters. librosa's
 * `feature.melspectrogram`, and with {@link torchaudioMel} torchaudio's `MelSpectrogram`.
 *
 * @throws AudioError AUDIO_SAMPLE_RATE for a missing or contradictory rate; AUDIO_TOO_SHORT; AUDIO_SIGNAL, AUDIO_NOT_FINITE for samples;
 * AUDIO_FRAME for lengths and hops, AUDIO_WINDOW for a window that does not fit, AUDIO_MEL for bands, AUDIO_OPTION for other options that there
 * cannot be; AUDIO_TOO_LARGE
 */
export function melSpectrogram(signal: Signal, options: MelSpectrogramOptions = {}): TensorLike<'float32'> {
  return spectrogram(signal, checkMelOptions('melSpectrogram', options), undefined);
}

/**
 * The logarithm of {@link melSpectrogram}, [mels, frames].
 *
 * @throws AudioError AUDIO_OPTION for a `log` that there cannot be; otherwise as {@link melSpectrogram}
 */
export function logMel(signal: Signal, options: LogMelOptions): TensorLike<'float32'> {
  return spectrogram(signal, checkMelOptions('logMel', options), planLog(options.log));
}

function spectrogram(signal: Signal, options: MelSpectrogramOptions, log: LogPlan | undefined): TensorLike<'float32'> {
  const given = samplesOf(signal, options);
  const { engine, framing } = planWholeMel(options, expectedRate(signal, options.sampleRate), log);
  const { samples, padMode } = padded(given, framing);
  const framed = framedSignal({ ...framing, padMode });
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

/** The signal as `framedSignal` takes it, which pads by silence and by mirroring: elsewise padded beforehand. */
function padded(
  samples: Float32Array,
  { fftLength, padMode }: WholeMelPlan['framing'],
): Pick<Framing, 'padMode'> & { readonly samples: Float32Array } {
  if (padMode !== 'replicate' && padMode !== 'circular') return { samples, padMode };
  const pad = fftLength >> 1;
  checkPadding(padMode, pad, samples.length);
  const whole = new Float32Array(samples.length + 2 * pad);
  readFrame(samples, -pad, padMode, whole);
  return { samples: whole, padMode: undefined };
}
