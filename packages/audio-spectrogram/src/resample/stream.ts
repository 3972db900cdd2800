import { AudioError, checkOptions } from '../errors.js';
import { endHeard, newHeard, rateOf, type Signal, samplesOf } from '../signal.js';
import { type ChunkSource, chunksOf } from '../stream/chunk-source.js';
import { allocate, convolver } from './convolve.js';
import { type Plan, planOf, type ResampleOptions } from './options.js';
import { resampledLength, sampleAt } from './ratio.js';

/** A sound that comes bit by bit, at another rate: one behind the other, what comes out is what {@link resample} makes of the whole, bit for bit. */
export interface ResampleStream {
  /** The samples that a chunk of any size completes, which may be none. */
  push(chunk: Signal): Float32Array;
  /** The samples at the end, whose sums reach beyond it. */
  end(): Float32Array;
}

/** Samples that are taken at once, so that a long chunk does not stand in memory twice. */
const PART = 2 ** 16;

/**
 * {@link resample} for streams, from one rate to another. It keeps the samples of one sum, whatever comes; a chunk may be changed after `push`.
 *
 * @throws AudioError as {@link resample}; `push` AUDIO_SAMPLE_RATE where a chunk has another rate, `push` and `end` AUDIO_ENDED after `end`
 */
export function resampleStream(from: number, to: number, options: ResampleOptions = {}): ResampleStream {
  const plan = planOf(from, to, options);
  const taker = plan ? resamplingOf(plan) : { take: (samples: Float32Array) => samples.slice(), finish: () => new Float32Array(0) };
  const heard = newHeard();
  let ended = false;
  const checkOpen = () => {
    if (!ended) return;
    throw new AudioError({ code: 'AUDIO_ENDED', message: 'the stream has ended.', fix: 'Begin another one.' });
  };
  return {
    push(chunk) {
      checkOpen();
      const samples = samplesOf(chunk, options, heard);
      if (!(chunk instanceof Float32Array) && rateOf(chunk) !== from) {
        throw new AudioError({
          code: 'AUDIO_SAMPLE_RATE',
          message: `a chunk has ${chunk.sampleRate} Hz, but the stream began with ${from}.`,
        });
      }
      return taker.take(samples);
    },
    end() {
      checkOpen();
      ended = true;
      endHeard(heard, options.onWarning);
      return taker.finish();
    },
  };
}

/**
 * {@link resampleStream} over chunks as they come, without what is empty. The source is closed where reading it is given up.
 *
 * @throws the reason of `signal` once it is aborted, though a chunk is being waited for; what the source throws; AudioError as
 * {@link resampleStream}, and AUDIO_SIGNAL for what is no source of chunks
 */
export async function* resampleChunks(
  chunks: ChunkSource,
  from: number,
  to: number,
  options: ResampleOptions & { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Float32Array, void, undefined> {
  const { signal, ...choices } = checkOptions('resampleChunks', options);
  const stream = resampleStream(from, to, choices);
  for await (const chunk of chunksOf(chunks, signal)) {
    const samples = stream.push(chunk);
    if (samples.length > 0) yield samples;
  }
  const rest = stream.end();
  if (rest.length > 0) yield rest;
}

function resamplingOf({ filter, padValue }: Plan) {
  const { before, taps } = filter;
  const { convolve } = convolver(filter);
  /** Samples `begin` … `end - 1` of the signal stand at the front. */
  let kept = new Float32Array(0);
  let begin = 0;
  let end = 0;
  let made = 0;

  const source = (from: number, target: Float32Array): void => {
    const first = Math.max(from, 0);
    const part = kept.subarray(first - begin, Math.max(first, Math.min(from + target.length, end)) - begin);
    target.fill(padValue);
    target.set(part, first - from);
  };
  const keep = (part: Float32Array): void => {
    if (end - begin + part.length > kept.length) {
      const needed = Math.min(end, Math.max(begin, sampleAt(filter, made) - before));
      const rest = kept.subarray(needed - begin, end - begin);
      // Twice what is needed, so that samples move to the front once in as many.
      const room = 2 * (rest.length + part.length);
      const moved = room > kept.length ? new Float32Array(room) : kept;
      moved.set(rest);
      kept = moved;
      begin = needed;
    }
    kept.set(part, end - begin);
    end += part.length;
  };
  /** Outputs whose samples have all come of `total`. */
  const ready = (total: number): number => resampledLength(filter, Math.max(0, total - taps + before + 1));

  return {
    take(samples: Float32Array): Float32Array {
      const out = allocate(ready(end + samples.length) - made);
      for (let i = 0, at = 0; i < samples.length; i += PART) {
        keep(samples.subarray(i, i + PART));
        const count = ready(end) - made;
        convolve(source, made, count, out, at);
        made += count;
        at += count;
      }
      return out;
    },
    finish(): Float32Array {
      const out = allocate(resampledLength(filter, end) - made);
      convolve(source, made, out.length, out, 0);
      return out;
    },
  };
}
