import type { Emitter } from '../onnx/emit.js';

/** Longer tables are added up when a graph is loaded, so that neither building it nor its file grows with the size of pictures. */
const longestConstant = 4096;

/** The sums of one number from each axis, in row-major order. */
export function placeSums(axes: readonly (readonly number[])[]): number[] {
  return axes.reduce<number[]>((sums, own) => sums.flatMap((sum) => own.map((value) => sum + value)), [0]);
}

/** {@link placeSums} as an int64 vector of the graph: which rows a Gather takes, for a grid of windows or pixels. */
export function emitPlaceSums(emitter: Emitter, axes: readonly (readonly number[])[]): string {
  const length = axes.reduce((n, own) => n * own.length, 1);
  if (length <= longestConstant) return emitter.int64s(placeSums(axes));
  const parts = axes.map((own, axis) => {
    const dims = axes.map((_, other) => (other === axis ? own.length : 1));
    return emitter.constant({ type: 'int64', dims, data: BigInt64Array.from(own, BigInt) });
  });
  // The last axes first: the partial sums stay small.
  const sums = parts.reduceRight((sum, part) => emitter.node('Add', [part, sum]));
  return emitter.node('Reshape', [sums, emitter.int64s([length])]);
}
