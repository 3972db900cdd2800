import type { TensorLike } from '@polymodal/modality-registry';
import type { Signal } from '../signal.js';

/** Where chunks come from: an array or a generator, an async one, or a ReadableStream. */
export type ChunkSource = Iterable<Signal> | AsyncIterable<Signal> | ReadableStreamLike;

/** What is used of a ReadableStream, which not every browser can iterate over. */
export interface ReadableStreamLike {
  getReader(): { read(): Promise<{ done: boolean; value?: unknown }>; cancel(): Promise<void> };
}

/** Anything that turns chunks into tensors. */
export interface ChunkConsumer<T extends TensorLike> {
  push(chunk: Signal): T;
  end(): T;
}

/**
 * Runs chunks through a stream and gives what comes out as it comes, without what is empty. The source is closed where reading it is given up.
 *
 * @throws the reason of `signal` once it is aborted, though a chunk is being waited for; what the source and the stream throw
 */
export async function* streamFrames<T extends TensorLike>(
  stream: ChunkConsumer<T>,
  chunks: ChunkSource,
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<T, void, undefined> {
  const source = iteratorOf(chunks);
  let open = true;
  try {
    while (open) {
      signal?.throwIfAborted();
      const { done, value } = await unlessAborted(source.next(), signal);
      open = !done;
      const frames = done ? stream.end() : stream.push(value as Signal);
      if (frames.data.length > 0) yield frames;
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
  if (Symbol.asyncIterator in chunks) return chunks[Symbol.asyncIterator]();
  if (Symbol.iterator in chunks) return chunks[Symbol.iterator]();
  const reader = chunks.getReader();
  return { next: () => reader.read(), return: () => reader.cancel() };
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
