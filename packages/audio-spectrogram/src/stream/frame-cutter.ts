/** Takes `frames` frames in a row, of which the first begins at `start` of the samples. The samples are overwritten afterwards. */
export type TakeFrames = (samples: Float32Array, start: number, frames: number) => void;

/** Finds the frames of a signal that comes in chunks: a chunk's own are taken where they lie, those across its borders from a copy of both sides. */
export type CutFrames = (chunk: Float32Array, take: TakeFrames) => void;

export function frameCutter(length: number, hop: number): CutFrames {
  /** The samples of the frame that is not complete, and what it takes to complete those that begin in them. */
  const joined = new Float32Array(2 * length);
  let kept = 0;
  /** Samples to come that belong to no frame, where the hop is longer than the frame. */
  let skip = 0;
  const framesIn = (samples: number) => (samples < length ? 0 : Math.floor((samples - length) / hop) + 1);

  return (chunk, take) => {
    let from = skip;
    if (kept > 0) {
      const frames = Math.min(Math.ceil(kept / hop), framesIn(kept + chunk.length));
      const head = Math.min(chunk.length, joined.length - kept);
      joined.set(chunk.subarray(0, head), kept);
      if (frames > 0) take(joined, 0, frames);
      from = frames * hop - kept;
      if (from < 0) {
        // The next frame begins in what was kept, and this chunk does not complete it: all of the chunk stands in `joined`.
        joined.copyWithin(0, frames * hop, kept + head);
        kept += head - frames * hop;
        return;
      }
      kept = 0;
    }
    const frames = framesIn(chunk.length - from);
    if (frames > 0) take(chunk, from, frames);
    from += frames * hop;
    skip = Math.max(0, from - chunk.length);
    if (skip > 0) return;
    kept = chunk.length - from;
    joined.set(chunk.subarray(from));
  };
}
