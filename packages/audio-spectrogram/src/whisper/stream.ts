import { optionError } from '../errors.js';
import { checkRate } from '../signal.js';
import { largest } from '../spectrogram/largest.js';
import { sameRate } from '../stream/expected-rate.js';
import { type FrameStream, frameStream } from '../stream/frame-stream.js';
import { WHISPER_RATE, type WhisperOptions, whisperEngine, whisperFraming } from './engine.js';
import { normalizeInPlace } from './normalize.js';

export interface WhisperStreamOptions extends WhisperOptions {
  /** That of the chunks, which must be 16,000 Hz. */
  readonly sampleRate: number;
  /**
   * How frames are normalised, while the largest value of the whole is not known. `running` (default): each by the largest of the frames up to it,
   * so that what is quiet before the first loud sound comes out differently from the whole's. A number: by this, the largest log10 value of the
   * whole, such as another run's `maximum`: then frames are the whole's, bit for bit. `none`: log10 values, for `normalizeWhisper` afterwards, which
   * makes them the whole's, bit for bit.
   */
  readonly normalize?: 'running' | 'none' | number;
}

export interface WhisperStream extends FrameStream {
  /** The largest log10 value of the frames given so far; -∞ before the first. */
  readonly maximum: number;
}

/**
 * `whisperLogMel` of a sound that comes in chunks, which does not depend on how it is cut.
 *
 * @throws AudioError AUDIO_SAMPLE_RATE for another rate than 16,000 Hz; AUDIO_MEL; AUDIO_OPTION for `normalize`
 */
export function whisperStream(options: WhisperStreamOptions): WhisperStream {
  const { mels, normalize = 'running' } = options ?? {};
  sameRate(checkRate(options?.sampleRate), WHISPER_RATE);
  if (normalize !== 'running' && normalize !== 'none' && !Number.isFinite(normalize)) {
    throw optionError('normalize', normalize, "'running', 'none' or a number");
  }
  const engine = whisperEngine(mels);
  let maximum = Number.NEGATIVE_INFINITY;
  const finish = (values: Float32Array, frames: number) => {
    if (normalize !== 'running') {
      maximum = Math.max(maximum, largest(values));
      if (normalize !== 'none') normalizeInPlace(values, normalize);
      return;
    }
    const column = new Float32Array(engine.bins);
    for (let i = 0; i < frames; i++) {
      for (let bin = 0; bin < column.length; bin++) column[bin] = values[bin * frames + i]!;
      maximum = Math.max(maximum, largest(column));
      normalizeInPlace(column, maximum);
      for (let bin = 0; bin < column.length; bin++) values[bin * frames + i] = column[bin]!;
    }
  };
  const stream = frameStream({ engine, framing: whisperFraming, sampleRate: WHISPER_RATE, options, dropped: 1, finish });
  return {
    ...stream,
    get maximum() {
      return maximum;
    },
  };
}
