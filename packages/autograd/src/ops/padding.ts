import { formatDims, stridesOf } from '../dims.js';
import { AutogradError, shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op, requireExpr } from '../expr.js';
import { add } from './elementwise.js';
import { flip } from './flip.js';
import { sum } from './reduce.js';
import { padZeros, slice } from './slice.js';

export type PadMode = 'constant' | 'reflect' | 'replicate';

export interface PadOptions {
  /** 'reflect' mirrors without repeating the edge, 'replicate' repeats it. Default 'constant'. */
  readonly mode?: PadMode;
  /** What 'constant' fills with. Default 0. */
  readonly value?: number;
}

interface PadAttributes extends Required<PadOptions> {
  readonly pads: readonly (readonly [before: number, after: number])[];
}

/** The index that a padded position reads, or −1 for the constant. */
function sourceOf(position: number, size: number, mode: PadMode): number {
  if (position >= 0 && position < size) return position;
  if (mode === 'constant') return -1;
  if (mode === 'replicate') return position < 0 ? 0 : size - 1;
  return position < 0 ? -position : 2 * (size - 1) - position;
}

const padOp: Op<PadAttributes> = {
  name: 'pad',
  infer: ([x], { pads }) => ({
    type: x!.type,
    dims: x!.dims.map((size, axis) => (typeof size === 'number' ? size + pads[axis]![0] + pads[axis]![1] : size)),
  }),
  reference([x], { pads, mode, value }) {
    const dims = x!.dims.map((size, axis) => size + pads[axis]![0] + pads[axis]![1]);
    const [own, strides] = [stridesOf(x!.dims), stridesOf(dims)];
    const data = Float64Array.from({ length: dims.reduce((n, dim) => n * dim, 1) }, (_, i) => {
      let at = 0;
      for (let axis = 0, rest = i; axis < dims.length; axis++) {
        const source = sourceOf(Math.floor(rest / strides[axis]!) - pads[axis]![0], x!.dims[axis]!, mode);
        if (source < 0) return value;
        at += source * own[axis]!;
        rest %= strides[axis]!;
      }
      return x!.data[at]!;
    });
    return { type: x!.type, dims, data };
  },
  emit(emitter, [x], { pads, mode, value }) {
    const sides = emitter.int64s([...pads.map(([before]) => before), ...pads.map(([, after]) => after)]);
    if (mode !== 'constant') return emitter.node('Pad', [x!, sides], { mode: mode === 'replicate' ? 'edge' : mode });
    return emitter.node('Pad', [x!, sides, emitter.constant({ type: 'float32', dims: [], data: Float32Array.of(value) })], { mode });
  },
  // Axis by axis, what lies outside is folded back onto the elements that it was read from.
  gradient: (node, g) => {
    const { pads, mode } = node.attributes;
    return [pads.reduce((all, sides, axis) => foldBack(all, axis, sides, mode), g)];
  },
};

function foldBack(g: Expr, axis: number, [before, after]: readonly [number, number], mode: PadMode): Expr {
  if (before === 0 && after === 0) return g;
  const size = (g.dims[axis] as number) - before - after;
  const middle = slice(g, axis, before, before + size);
  if (mode === 'constant') return middle;
  const edge = (start: number, width: number, places: readonly [number, number]): Expr[] => {
    if (width === 0) return [];
    const part = slice(g, axis, start, start + width);
    const folded = mode === 'reflect' ? flip(part, axis) : sum(part, axis, true);
    return [
      padZeros(
        folded,
        g.dims.map((_, a) => (a === axis ? places : [0, 0])),
      ),
    ];
  };
  const edges =
    mode === 'reflect'
      ? [...edge(0, before, [1, size - 1 - before]), ...edge(before + size, after, [size - 1 - after, 1])]
      : [...edge(0, before, [0, size - 1]), ...edge(before + size, after, [size - 1, 0])];
  return edges.reduce((all, part) => add(all, part), middle);
}

/** Adds elements before and after along each axis: `pads` is [[before, after], …], one pair per axis. */
export function pad(x: Expr, pads: readonly (readonly [before: number, after: number])[], options: PadOptions = {}): Expr {
  const { mode = 'constant', value = 0 } = options;
  requireExpr('pad', x);
  const fits = pads.length === x.dims.length && pads.every((pair) => pair.every((side) => Number.isInteger(side) && side >= 0));
  if (!fits)
    throw shapeError(
      'pad',
      `${JSON.stringify(pads)} for ${formatDims(x.dims)}.`,
      'Give one [before, after] per axis, whole numbers from 0 on; slice() takes elements away.',
    );
  if (mode === 'constant' && value === 0) return padZeros(x, pads);
  if (x.type !== 'float32')
    throw new AutogradError({
      code: 'AUTOGRAD_TYPE',
      message: `pad: the tensor is ${x.type}.`,
      fix: 'Cast it to float32, or pad with zeros.',
    });
  x.dims.forEach((size, axis) => {
    const [before, after] = pads[axis]!;
    if (before + after > 0 && typeof size !== 'number') throw shapeError('pad', `axis ${axis} of ${formatDims(x.dims)} has no fixed size.`);
    if (mode === 'reflect' && typeof size === 'number' && Math.max(before, after) >= size)
      throw shapeError(
        'pad',
        `${pads[axis]} elements mirrored at axis ${axis} of ${formatDims(x.dims)}.`,
        'An axis mirrors at most its size less one.',
      );
  });
  return makeExpr(padOp, [x], { pads, mode, value });
}
