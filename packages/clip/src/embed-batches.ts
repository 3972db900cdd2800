import { type CallOptions, type TensorLike, throwIfAborted } from '@polymodal/modality-registry';
import { ClipError } from './errors.js';
import { normalizeRows } from './zero-shot.js';

export interface BatchesOptions extends CallOptions {
  /** What the items are, for messages. */
  readonly what: string;
  readonly batchSize: number;
  /** Length of every vector. */
  readonly width: number;
}

/** Lets the event loop turn: ONNX Runtime computes in the caller's thread, and an abort must be heard. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));

/** Runs `encode` over slices of `items` and joins the rows, scaled to length 1. [items, width] */
export async function embedBatches<T>(
  items: readonly T[],
  encode: (part: readonly T[]) => Promise<TensorLike<'float32'>>,
  { what, batchSize, width, signal, onProgress }: BatchesOptions,
): Promise<TensorLike<'float32'>> {
  if (!Array.isArray(items))
    throw new ClipError({
      code: 'CLIP_INPUT',
      message: `${items === null ? 'null' : `a ${typeof items}`} was given, but a list of ${what} was expected.`,
      fix: 'Put a single one into a list: [item].',
    });
  throwIfAborted(signal);
  const data = new Float32Array(items.length * width);
  for (let at = 0; at < items.length; at += batchSize) {
    if (at > 0) await breathe();
    throwIfAborted(signal);
    const part = items.slice(at, at + batchSize);
    data.set(normalizeRows((await encode(part)).data, width), at * width);
    onProgress?.({ done: at + part.length, total: items.length, stage: 'embedding' });
  }
  throwIfAborted(signal);
  return { type: 'float32', dims: [items.length, width], data };
}
