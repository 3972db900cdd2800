import type { Dim, Dims } from '../dims.js';
import type { Emitter } from '../onnx/emit.js';

export interface Ranking {
  readonly axis: number;
  readonly count: Dim;
  readonly largest: boolean;
}

/**
 * The places of the best elements along an axis of `x`, the better first. ONNX Runtime (1.30) divides by the number of rows before that axis,
 * which ends the process where there are none: axes that may be empty get a row more, whose places are dropped again.
 */
export function emitPlaces(emitter: Emitter, x: string, dims: Dims, { axis, count, largest }: Ranking): string {
  const open = dims.flatMap((dim, a) => (a < axis && (dim === 0 || typeof dim === 'string') ? [a] : []));
  const pads = [...dims.map(() => 0), ...dims.map((_, a) => Number(open.includes(a)))];
  const whole = open.length === 0 ? x : emitter.node('Pad', [x, emitter.int64s(pads)], { mode: 'constant' });
  const best = emitter.node('TopK', [whole, emitter.shape([count])], { axis, largest: Number(largest) });
  const places = emitter.extraOutput(best, 1);
  if (open.length === 0) return places;
  const all = (value: number) => emitter.int64s(open.map(() => value));
  return emitter.node('Slice', [places, all(0), all(-1), emitter.int64s(open)]);
}
