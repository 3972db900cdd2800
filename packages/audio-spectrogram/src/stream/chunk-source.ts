import { AudioError, optionError, shown } from '../errors.js';
import type { Signal } from '../signal.js';

/** Where chunks come from: an array or a generator, an async one, or a ReadableStream. */
export type ChunkSource = Iterable<Signal> | AsyncIterable<Signal> | ReadableStreamLike;

/** What is used of a ReadableStream, which not every browser can iterate over. */
export interface ReadableStreamLike {
  getReader(): { read(): Promise<{ done: boolean; value?: unknown }>; cancel(): Promise<void> };
}

/**
 * The chunks of a source, one by one; it is closed where reading is given up.
 *
 * @throws the reason of `signal` once it is aborted, though a chunk is being waited for; what the source throws; AudioError AUDIO_SIGNAL for what is
 * no source, AUDIO_OPTION for what is no signal
 */
export async function* chunksOf(chunks: ChunkSource, signal: AbortSignal | undefined): AsyncGenerator<Signal, void, undefined> {
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function') throw optionError('signal', signal, 'an AbortSignal');
  const source = iteratorOf(chunks);
  let open = true;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await unlessAborted(source.next(), signal);
      open = !done;
      if (done) return;
      yield value as Signal;
    }
  } finally {
    if (open) {
      // Not waited for: a source whose next chunk never comes would never close.
      Promise.resolve(source.return?.()).catch(() => {});
    }
  }
}

interface ChunkIterator {
  next(): unknown;
  return?(): unknown;
}

function iteratorOf(chunks: ChunkSource): ChunkIterator {
  const given = chunks as Partial<AsyncIterable<Signal> & Iterable<Signal> & ReadableStreamLike> | null | undefined;
  const iterator = given?.[Symbol.asyncIterator]?.() ?? given?.[Symbol.iterator]?.();
  if (iterator) return iterator;
  const reader = given?.getReader?.();
  if (reader) return { next: () => reader.read(), return: () => reader.cancel() };
  throw new AudioError({
    code: 'AUDIO_SIGNAL',
    message: `chunks is ${shown(chunks)}, but what can be iterated was expected, such as an array of Float32Array, or a ReadableStream.`,
    fix: 'Put a whole sound into an array: [audio].',
  });
}

function unlessAborted(next: unknown, signal: AbortSignal | undefined): Promise<{ done?: boolean; value?: unknown }> {
  const step = Promise.resolve(next) as Promise<{ done?: boolean; value?: unknown }>;
  if (!signal) return step;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    step.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
