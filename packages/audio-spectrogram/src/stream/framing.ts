import { AudioError } from '../errors.js';
import { frameCutter, type TakeFrames } from './frame-cutter.js';

/** How a signal is cut into frames. */
export interface Framing {
  readonly fftLength: number;
  readonly hopLength: number;
  /** What stands half a frame before and after the signal: it mirrored, or silence. Without it, frames begin at the first sample. */
  readonly padMode: 'reflect' | 'constant' | undefined;
}

/** The frames of a signal that comes in chunks, its padding among them. */
export interface FramedSignal {
  /** Frames that are complete when `more` samples have come, less those that were taken. */
  ready(more: number): number;
  /** Frames of all when the signal ends `more` samples from now; default now. */
  total(more?: number): number;
  push(chunk: Float32Array, take: TakeFrames): void;
  /** Takes the frames that reach beyond the signal. @throws AudioError AUDIO_TOO_SHORT where there is too little to mirror, or not one frame */
  end(take: TakeFrames): void;
}

export function framedSignal({ fftLength, hopLength, padMode }: Framing): FramedSignal {
  const cut = frameCutter(fftLength, hopLength);
  const pad = padMode ? fftLength >> 1 : 0;
  const mirrored = padMode === 'reflect' ? pad : 0;
  /** The last samples, which end at the array's end: what is mirrored, and what it is mirrored at. */
  const last = new Float32Array(mirrored + 1);
  /** How few samples make one frame. */
  const needed = mirrored > 0 ? mirrored + 1 : fftLength - 2 * pad;
  let begun = false;
  let samples = 0;
  let taken = 0;
  const framesOf = (padded: number) => (padded < fftLength ? 0 : Math.floor((padded - fftLength) / hopLength) + 1);

  const remember = (chunk: Float32Array) => {
    const fresh = chunk.subarray(Math.max(0, chunk.length - last.length));
    last.copyWithin(0, fresh.length);
    last.set(fresh, last.length - fresh.length);
    samples += chunk.length;
  };
  /** The `pad` samples before `last`'s first, or after its last one, in their order: last without what it is mirrored at, backwards; or silence. */
  const edge = (skip: 0 | 1) => (mirrored > 0 ? last.slice(1 - skip, last.length - skip).reverse() : new Float32Array(pad));

  return {
    ready: (more) => (samples + more < needed ? 0 : framesOf(samples + more + pad)) - taken,
    total: (more = 0) => framesOf(samples + more + 2 * pad),
    push(chunk, take) {
      const counted: TakeFrames = (from, start, frames) => {
        taken += frames;
        take(from, start, frames);
      };
      let rest = chunk;
      if (!begun) {
        // What is to be mirrored before the signal is gathered first.
        const head = chunk.subarray(0, mirrored + 1 - samples);
        remember(head);
        if (samples <= mirrored) return;
        begun = true;
        cut(edge(0), counted);
        cut(last.slice(), counted);
        rest = chunk.subarray(head.length);
      }
      remember(rest);
      cut(rest, counted);
    },
    end(take) {
      if (samples < needed) {
        throw new AudioError({
          code: 'AUDIO_TOO_SHORT',
          message: `the signal has ${samples} samples, but frames of ${fftLength} with ${padMode ?? 'no'} padding need at least ${needed}.`,
          fix: 'Pad it with zeros, or take shorter frames.',
        });
      }
      if (!begun) cut(new Float32Array(pad), take);
      cut(edge(1), take);
    },
  };
}
