import type { TensorLike } from '@polymodal/modality-registry';
import { AudioError } from '../errors.js';
import { endHeard, newHeard, type Signal, samplesOf } from '../signal.js';
import { newValues } from '../spectrogram/new-values.js';
import { frameCount, rateFor } from './features.js';
import { frameStart } from './frames.js';
import { type KaldiFbankOptions, type KaldiMfccOptions, type KaldiSettings, kaldiSettings } from './options.js';
import { fbankRows, type KaldiRows, mfccRows } from './rows.js';

/** Features of a sound that comes bit by bit: one below another, what comes out is what the whole would give, bit for bit. */
export interface KaldiStream {
  /**
   * The features of the frames that a chunk of any size completes, [frames, width]; the chunk is not kept.
   *
   * @throws AudioError AUDIO_SIGNAL, AUDIO_NOT_FINITE, AUDIO_SAMPLE_RATE for the chunk; AUDIO_TOO_LARGE for one whose features are more than 2^29
   * values, after which smaller ones may follow; AUDIO_ENDED
   */
  push(chunk: Signal): TensorLike<'float32'>;
  /** The features that only the end tells: of frames reflected at it. Samples that fill no frame are left out. [frames, width] */
  end(): TensorLike<'float32'>;
}

/** Samples that are taken at once, so that a long chunk does not stand in memory twice. */
const PART = 2 ** 16;

/** What a stream may keep while it waits for `minDuration`: 2 GiB. */
const MOST_KEPT = 2 ** 29;

/**
 * {@link kaldiFbank} for streams; `sampleFrequency` is 16,000 unless given.
 *
 * @throws AudioError as `kaldiFbank`; AUDIO_OPTION for `subtractMean`, whose means only the whole has; AUDIO_TOO_LARGE for a `minDuration` of
 * more samples than it keeps; its functions AUDIO_ENDED after `end`
 */
export function kaldiFbankStream(options: KaldiFbankOptions = {}): KaldiStream {
  return stream(options, fbankRows);
}

/** {@link kaldiMfcc} for streams. @throws AudioError as {@link kaldiFbankStream} */
export function kaldiMfccStream(options: KaldiMfccOptions = {}): KaldiStream {
  return stream(options, mfccRows);
}

function stream(options: KaldiFbankOptions & KaldiMfccOptions, rowsOf: (settings: KaldiSettings) => KaldiRows): KaldiStream {
  const rows = rowsOf(kaldiSettings(options));
  const { settings, width } = rows;
  const { size, shift, snipEdges, minDuration, sampleFrequency, subtractMean } = settings;
  if (subtractMean) {
    throw new AudioError({
      code: 'AUDIO_OPTION',
      message: 'subtractMean: true was asked for, but a stream does not know the means of its whole.',
      fix: 'Stream without it, and take off a running mean of your own.',
    });
  }
  const least = minDuration * sampleFrequency;
  if (least > MOST_KEPT) {
    throw new AudioError({
      code: 'AUDIO_TOO_LARGE',
      message: `minDuration: ${minDuration} was asked for, ${least} samples, but a stream keeps at most 2^29 of them.`,
      fix: 'Give a shorter minDuration.',
    });
  }
  // A frame's reflection reaches back no further than a frame, and one sample where its length is odd.
  const kept = snipEdges ? 0 : size + 1;
  const heard = newHeard();
  let data = new Float32Array(0);
  let held = 0;
  let from = 0;
  let frame = 0;
  let ended = false;

  /** The frames that are complete when `known` samples have come; of a signal shorter than a frame none, though with reflection it might do for the first. */
  const complete = (known: number): number => {
    if (known < size || known < least) return frame;
    return Math.max(frame, Math.floor((known - size - frameStart(settings, 0)) / shift) + 1);
  };
  const write = (last: number, total: number, out: Float32Array, at: number) => {
    rows.write({ data, from, total }, frame, last - frame, out, at * width);
    frame = last;
  };
  /** Lets the first samples go, and appends others; memory grows by doubling, so that many small chunks are not copied each time. */
  const keep = (gone: number, samples: Float32Array) => {
    const rest = held - gone;
    held = rest + samples.length;
    if (held > data.length || 8 * held < data.length) {
      const larger = new Float32Array(2 * held);
      larger.set(data.subarray(gone, gone + rest));
      data = larger;
    } else if (gone > 0) {
      data.copyWithin(0, gone, gone + rest);
    }
    data.set(samples, rest);
  };
  const checkOpen = () => {
    if (!ended) return;
    throw new AudioError({ code: 'AUDIO_ENDED', message: 'the stream has ended.', fix: 'Begin another one.' });
  };

  return {
    push(chunk) {
      checkOpen();
      const samples = samplesOf(chunk, options, heard);
      rateFor(chunk, sampleFrequency);
      const first = frame;
      const frames = complete(from + held + samples.length) - first;
      const out = newValues(width, frames); // [frames, width]
      for (let i = 0; i < samples.length; i += PART) {
        // Nothing before what the next frame needs; with a shift longer than a frame, that may lie beyond what has come.
        const needed = Math.min(from + held, Math.max(from, frameStart(settings, frame) - kept));
        keep(needed - from, samples.subarray(i, i + PART));
        from = needed;
        write(complete(from + held), Number.POSITIVE_INFINITY, out, frame - first);
      }
      return { type: 'float32', dims: [frames, width], data: out };
    },
    end() {
      checkOpen();
      const known = from + held;
      const last = Math.max(frame, frameCount(settings, known));
      const frames = last - frame;
      const out = newValues(width, frames); // [frames, width]
      ended = true;
      endHeard(heard, options.onWarning);
      write(last, known, out, 0);
      data = new Float32Array(0);
      return { type: 'float32', dims: [frames, width], data: out };
    },
  };
}
