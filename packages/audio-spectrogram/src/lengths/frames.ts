import { checkFlag } from '../choices.js';
import { checkOptions, optionError } from '../errors.js';
import { checkRate } from '../signal.js';
import { checkCount } from './convolution.js';

export interface StftFramesOptions {
  /** Samples of a transform; default 400. */
  readonly fftLength?: number;
  /** Samples from one frame to the next; default 160. */
  readonly hopLength?: number;
  /** Whether half a transform of padding stands before and after, as with torch.stft's and librosa's default. */
  readonly center?: boolean;
}

/**
 * How many frames torch.stft and librosa make of `samples`.
 *
 * @throws AudioError AUDIO_LENGTH for what is no count of samples, AUDIO_FRAME for a transform or a hop that there cannot be, AUDIO_OPTION
 */
export function stftFrames(samples: number, options: StftFramesOptions = {}): number {
  const { fftLength = 400, hopLength = 160, center = true } = checkOptions('stftFrames', options);
  checkCount(samples, 'samples', 0);
  checkCount(fftLength, 'fftLength', 1, 'AUDIO_FRAME');
  checkCount(hopLength, 'hopLength', 1, 'AUDIO_FRAME');
  checkFlag('center', center);
  const room = samples - fftLength + (center ? 2 * Math.floor(fftLength / 2) : 0);
  return room < 0 ? 0 : Math.floor(room / hopLength) + 1;
}

/**
 * How many frames Whisper's log-mel has: centred frames less the last, ⌊samples / 160⌋; 0 for up to 200 samples, which cannot be reflected.
 *
 * @throws AudioError AUDIO_LENGTH for what is no count
 */
export function whisperFrames(samples: number): number {
  checkCount(samples, 'samples', 0);
  return samples <= 200 ? 0 : Math.floor(samples / 160);
}

export interface KaldiFramesOptions {
  /** Milliseconds; default 25. */
  readonly frameLength?: number;
  /** Milliseconds; default 10. */
  readonly frameShift?: number;
  /** Hertz; default 16,000. */
  readonly sampleFrequency?: number;
  /** Whether only frames that lie wholly inside count; default true. Otherwise the ends are reflected. */
  readonly snipEdges?: boolean;
}

/** Samples of a frame and from one frame to the next, rounded down as torchaudio rounds, in its order of operations. */
export function kaldiFrameSizes({ frameLength = 25, frameShift = 10, sampleFrequency = 16_000 }: Omit<KaldiFramesOptions, 'snipEdges'>): {
  readonly size: number;
  readonly shift: number;
} {
  return { size: Math.trunc(sampleFrequency * frameLength * 0.001), shift: Math.trunc(sampleFrequency * frameShift * 0.001) };
}

/**
 * How many frames `kaldiFbank` and `kaldiMfcc` make of `samples`; 0 where there are fewer samples than a frame has.
 *
 * @throws AudioError AUDIO_LENGTH for what is no count of samples, AUDIO_FRAME for frames that there cannot be, AUDIO_SAMPLE_RATE, AUDIO_OPTION
 */
export function kaldiFrames(samples: number, options: KaldiFramesOptions = {}): number {
  const { frameLength = 25, frameShift = 10, sampleFrequency = 16_000, snipEdges = true } = checkOptions('kaldiFrames', options);
  checkCount(samples, 'samples', 0);
  for (const [name, value] of Object.entries({ frameLength, frameShift })) {
    if (typeof value !== 'number') throw optionError(name, value, 'a number of milliseconds');
  }
  const { size, shift } = kaldiFrameSizes({ frameLength, frameShift, sampleFrequency: checkRate(sampleFrequency, 'sampleFrequency') });
  checkCount(size, 'frameLength in samples', 1, 'AUDIO_FRAME');
  checkCount(shift, 'frameShift in samples', 1, 'AUDIO_FRAME');
  checkFlag('snipEdges', snipEdges);
  if (samples < size) return 0;
  return snipEdges ? 1 + Math.floor((samples - size) / shift) : Math.floor((samples + Math.floor(shift / 2)) / shift);
}
