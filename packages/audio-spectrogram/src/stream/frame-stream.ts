import type { TensorLike } from '@polymodal/modality-registry';
import type { FrameEngine } from '../engine/recipe.js';
import { AudioError } from '../errors.js';
import { endHeard, newHeard, type Signal, type SignalOptions, samplesOf } from '../signal.js';
import { newValues } from '../spectrogram/new-values.js';
import { expectedRate } from './expected-rate.js';
import type { TakeFrames } from './frame-cutter.js';
import { type Framing, framedSignal } from './framing.js';

/** Features of a sound that comes in chunks: one behind the other, what comes out is what the whole gives at once, bit for bit. */
export interface FrameStream {
  /**
   * The frames that a chunk of any size completes, [bins, frames]; the chunk is not kept.
   *
   * @throws AudioError AUDIO_SIGNAL, AUDIO_NOT_FINITE, AUDIO_SAMPLE_RATE for the chunk; AUDIO_TOO_LARGE for one whose frames are more than
   * 2^29 values, after which smaller ones may follow; AUDIO_ENDED
   */
  push(chunk: Signal): TensorLike<'float32'>;
  /** The frames that reach beyond the end, [bins, frames]. @throws AudioError AUDIO_TOO_SHORT as the whole; AUDIO_ENDED */
  end(): TensorLike<'float32'>;
}

export interface FrameStreamPlan {
  readonly engine: FrameEngine;
  readonly framing: Framing;
  readonly sampleRate: number;
  readonly options: SignalOptions;
  /** How many of the last frames are left out. */
  readonly dropped: number;
  /** What is done to frames in place before they are given. [bins, frames] */
  readonly finish?: ((values: Float32Array, frames: number) => void) | undefined;
}

export function frameStream({ engine, framing, sampleRate, options, dropped, finish }: FrameStreamPlan): FrameStream {
  const framed = framedSignal(framing);
  let given = 0;
  let ended = false;
  const heard = newHeard();

  const gather = (frames: number, cut: (take: TakeFrames) => void): TensorLike<'float32'> => {
    const data = newValues(engine.bins, frames); // [bins, frames]
    let done = 0;
    cut((samples, start, count) => {
      const wanted = Math.min(count, frames - done);
      engine.run(samples, start, wanted, data, done, frames);
      done += wanted;
    });
    given += frames;
    finish?.(data, frames);
    return { type: 'float32', dims: [engine.bins, frames], data };
  };
  const checkOpen = () => {
    if (ended) throw new AudioError({ code: 'AUDIO_ENDED', message: 'the stream has ended.', fix: 'Begin another one.' });
  };

  return {
    push(chunk) {
      checkOpen();
      const samples = samplesOf(chunk, options, heard);
      expectedRate(chunk, sampleRate);
      return gather(framed.ready(samples.length), (take) => framed.push(samples, take));
    },
    end() {
      checkOpen();
      endHeard(heard, options.onWarning);
      const last = gather(Math.max(0, framed.total() - dropped - given), (take) => framed.end(take));
      ended = true;
      return last;
    },
  };
}
