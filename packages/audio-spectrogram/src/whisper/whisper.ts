import type { Audio, TensorLike } from '@polymodal/modality-registry';
import { optionError } from '../errors.js';
import { rateOf, samplesOf } from '../signal.js';
import { newValues } from '../spectrogram/new-values.js';
import { sameRate } from '../stream/expected-rate.js';
import { framedSignal } from '../stream/framing.js';
import { WHISPER_RATE, type WhisperOptions, whisperEngine, whisperFraming } from './engine.js';
import { normalizeInPlace } from './normalize.js';

export interface WhisperLogMelOptions extends WhisperOptions {
  /** Zeros behind the sound; default 0. `transcribe` of openai/whisper takes 480,000, 30 s. */
  readonly padding?: number;
}

/** 30 seconds. */
const CLIP = 480_000;

/**
 * What a Whisper encoder takes, [mels, 3000]: the log-mel spectrogram of the first 30 s, of a shorter sound with zeros behind it (Radford et al.
 * 2022, arXiv 2212.04356, section 2.2; Hugging Face's WhisperFeatureExtractor).
 *
 * @throws AudioError AUDIO_SAMPLE_RATE for another rate than 16,000 Hz; AUDIO_SIGNAL, AUDIO_NOT_FINITE for samples; AUDIO_MEL; AUDIO_OPTION
 */
export function whisperFeatures(audio: Audio, options: WhisperOptions = {}): TensorLike<'float32'> {
  const { data } = audio ?? {};
  // What is no samples, or of a buffer that is gone, is for the checks.
  const clip = data instanceof Float32Array && data.length > 0 ? { ...audio, data: data.subarray(0, CLIP) } : audio;
  return paddedLogMel(clip, options, CLIP - clip?.data?.length);
}

/**
 * The log-mel spectrogram of a whole sound, [mels, ⌊(samples + padding) / 160⌋], as `log_mel_spectrogram` of openai/whisper. The largest value
 * of the whole decides what is too quiet to matter: pieces of it differ from the same 30 s by {@link whisperFeatures}.
 *
 * @throws AudioError AUDIO_TOO_SHORT for up to 200 samples, which cannot be mirrored; AUDIO_OPTION for `padding`; otherwise as {@link whisperFeatures}
 */
export function whisperLogMel(audio: Audio, options: WhisperLogMelOptions = {}): TensorLike<'float32'> {
  const padding = options?.padding ?? 0;
  if (!(Number.isSafeInteger(padding) && padding >= 0)) throw optionError('padding', padding, 'a number of samples, 0 or more,');
  return paddedLogMel(audio, options, padding);
}

function paddedLogMel(audio: Audio, options: WhisperOptions, padding: number): TensorLike<'float32'> {
  const samples = samplesOf(audio, options);
  sameRate(rateOf(audio), WHISPER_RATE);
  const { fftLength, hopLength } = whisperFraming;
  const engine = whisperEngine(options.mels);
  const framed = framedSignal(whisperFraming);
  // The last frame is dropped.
  const frames = Math.floor((samples.length + padding) / hopLength);
  const data = newValues(engine.bins, frames); // [mels, frames]
  let done = 0;
  const take = (from: Float32Array, start: number, count: number) => {
    const wanted = Math.min(count, frames - done);
    engine.run(from, start, wanted, data, done, frames);
    done += wanted;
  };
  framed.push(samples, take);
  // Frames of zeros alone are all the same, and where there are many, those that mirror the end are too.
  const many = padding > 2 * fftLength;
  const zeros = new Float32Array(many ? fftLength : padding);
  framed.push(zeros, take);
  if (many) {
    engine.run(zeros, 0, 1, data, done, frames);
    for (let row = 0; row < data.length; row += frames) data.fill(data[row + done]!, row + done, row + frames);
  } else {
    framed.end(take);
  }
  normalizeInPlace(data);
  return { type: 'float32', dims: [engine.bins, frames], data };
}
