import type { TensorLike } from '@polymodal/modality-registry';
import { checkOptions, optionError } from '../errors.js';
import type { Signal } from '../signal.js';
import { type ChunkSource, chunksOf } from './chunk-source.js';

/** Anything that turns chunks into tensors. */
export interface ChunkConsumer<T extends TensorLike> {
  push(chunk: Signal): T;
  end(): T;
}

/**
 * Runs chunks through a stream and gives what comes out as it comes, without what is empty. The source is closed where reading it is given up.
 *
 * @throws the reason of `signal` once it is aborted, though a chunk is being waited for; what the source and the stream throw; AudioError
 * AUDIO_SIGNAL for what is no source of chunks; AUDIO_OPTION for what is no stream, or no options
 */
export async function* streamFrames<T extends TensorLike>(
  stream: ChunkConsumer<T>,
  chunks: ChunkSource,
  options: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<T, void, undefined> {
  const { signal } = checkOptions('streamFrames', options);
  if (typeof stream?.push !== 'function' || typeof stream.end !== 'function') {
    throw optionError('stream', stream, 'one with push and end, such as logMelStream gives,');
  }
  for await (const chunk of chunksOf(chunks, signal)) {
    const frames = stream.push(chunk);
    if (frames.data.length > 0) yield frames;
  }
  const last = stream.end();
  if (last.data.length > 0) yield last;
}
