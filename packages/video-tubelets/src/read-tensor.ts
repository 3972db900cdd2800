import type { Image, TensorLike } from '@polymodal/modality-registry';
import { noFrames } from './clip-tensor.js';
import { checkTotal, joinFrames } from './join.js';
import { checkSource, type FrameSource } from './sample/source.js';

/** How long to compute before letting the event loop turn, so that an abort can be heard and a page stays alive. */
const TURN_MILLISECONDS = 25;

/**
 * Reads frames to their end, keeping of each what `make` gives. [time, channels, height, width]
 *
 * @throws VideoError `VIDEO_EMPTY`, `VIDEO_FRAME_SIZE`, `VIDEO_FRAMES`, `VIDEO_TOO_LARGE` as soon as there are too many; the signal's reason.
 */
export async function readTensor(
  frames: FrameSource<Image>,
  make: (frame: Image) => TensorLike<'float32'>,
  signal?: AbortSignal,
): Promise<TensorLike<'float32'>> {
  checkSource(frames);
  const tensors: TensorLike<'float32'>[] = [];
  let turn = performance.now();
  for await (const frame of until(frames, signal)) {
    const tensor = make(frame);
    checkTotal(tensors.length + 1, tensor.dims[2]!, tensor.dims[1]!);
    tensors.push(tensor);
    if (performance.now() - turn > TURN_MILLISECONDS) {
      await new Promise((resolve) => setTimeout(resolve));
      turn = performance.now();
    }
  }
  if (tensors.length === 0) throw noFrames();
  return joinFrames(tensors, tensors.length);
}

/** The frames until the signal is aborted, even where the source does not answer any more. */
async function* until<T>(frames: FrameSource<T>, signal: AbortSignal | undefined): AsyncGenerator<T, void, undefined> {
  signal?.throwIfAborted();
  if (signal === undefined) {
    yield* frames;
    return;
  }
  const iterator = Symbol.asyncIterator in frames ? frames[Symbol.asyncIterator]() : frames[Symbol.iterator]();
  let stop: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
  });
  aborted.catch(() => {});
  let done: boolean | undefined = false;
  try {
    for (;;) {
      const next = await Promise.race([aborted, iterator.next()]);
      done = next.done;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    // Not waited for: a source that does not answer would not answer this either.
    if (!done) Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
