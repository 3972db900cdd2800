import type { TensorLike } from '@polymodal/modality-registry';
import { AudioError } from '../errors.js';
import { type Signal, samplesOf } from '../signal.js';
import { frameCount, rateFor } from './features.js';
import { frameStart } from './frames.js';
import { type KaldiFbankOptions, type KaldiMfccOptions, type KaldiSettings, kaldiSettings } from './options.js';
import { fbankRows, type KaldiRows, mfccRows } from './rows.js';

/** Features of a sound that comes bit by bit: one below another, what comes out is what the whole would give, bit for bit. */
export interface KaldiStream {
  /** The features of the frames that a chunk of any size completes. [frames, width] */
  push(chunk: Signal): TensorLike<'float32'>;
  /** The features that only the end tells: of frames reflected at it. Samples that fill no frame are left out. [frames, width] */
  end(): TensorLike<'float32'>;
}

/**
 * {@link kaldiFbank} for streams; `sampleFrequency` is 16,000 unless given.
 *
 * @throws AudioError as `kaldiFbank`; AUDIO_OPTION for `subtractMean`, whose means only the whole has; its functions AUDIO_ENDED after `end`
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
  // A frame's reflection reaches back no further than a frame, and one sample where its length is odd.
  const kept = snipEdges ? 0 : size + 1;
  let data = new Float32Array(0);
  let held = 0;
  let from = 0;
  let frame = 0;
  let ended = false;

  const write = (last: number, total: number): TensorLike<'float32'> => {
    const frames = Math.max(0, last - frame);
    const out = new Float32Array(frames * width); // [frames, width]
    rows.write({ data, from, total }, frame, frames, out, 0);
    frame += frames;
    return { type: 'float32', dims: [frames, width], data: out };
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
      const samples = samplesOf(chunk, options);
      rateFor(chunk, sampleFrequency);
      // Nothing before what the next frame needs; with a shift longer than a frame, that may lie beyond what has come.
      const needed = Math.min(from + held, Math.max(from, frameStart(settings, frame) - kept));
      keep(needed - from, samples);
      from = needed;
      const known = from + held;
      if (known < minDuration * sampleFrequency) return write(frame, Number.POSITIVE_INFINITY);
      const last = Math.floor((known - size - frameStart(settings, 0)) / shift) + 1;
      // A signal shorter than a frame has none, though with reflection its samples might do for the first.
      return write(known < size ? frame : last, Number.POSITIVE_INFINITY);
    },
    end() {
      checkOpen();
      const known = from + held;
      const frames = frameCount(settings, known);
      ended = true;
      const features = write(frames, known);
      data = new Float32Array(0);
      return features;
    },
  };
}
