import { type Dim, formatDims, normalizeAxis, stridesOf } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op, type Reference, requireExpr } from '../expr.js';
import { add } from './elementwise.js';
import { constant, requireSizes } from './leaf.js';

interface SliceAttributes {
  readonly axis: number;
  readonly start: number;
  readonly end: Dim;
  readonly step: number;
}

/** Copies blocks between a tensor and its slice along one axis; `visit(whole index, slice index)`. */
function forEachSliced(
  dims: readonly number[],
  { axis, start, step }: SliceAttributes,
  length: number,
  visit: (whole: number, part: number) => void,
): void {
  const inner = stridesOf(dims)[axis]!;
  const outer = dims.slice(0, axis).reduce((n, dim) => n * dim, 1);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < length; i++)
      for (let k = 0; k < inner; k++) visit((o * dims[axis]! + start + i * step) * inner + k, (o * length + i) * inner + k);
}

const withAxis = <D extends Dim>(dims: readonly D[], axis: number, size: D): D[] => dims.map((dim, i) => (i === axis ? size : dim));

const sliceOp: Op<SliceAttributes> = {
  name: 'slice',
  infer: ([x], { axis, start, end, step }) => ({
    type: x!.type,
    dims: withAxis(x!.dims, axis, typeof end === 'string' ? end : Math.ceil((end - start) / step)),
  }),
  reference: ([x], attributes, resolve) => {
    const length = Math.ceil((resolve(attributes.end) - attributes.start) / attributes.step);
    const dims = withAxis(x!.dims, attributes.axis, length);
    const data = new Float64Array(dims.reduce((n, dim) => n * dim, 1));
    forEachSliced(x!.dims, attributes, length, (whole, part) => {
      data[part] = x!.data[whole]!;
    });
    return { type: x!.type, dims, data };
  },
  emit: (emitter, [x], { axis, start, end, step }) =>
    emitter.node('Slice', [x!, emitter.int64s([start]), emitter.shape([end]), emitter.int64s([axis]), emitter.int64s([step])]),
  gradient: (node, g) => [unslice(g, node.inputs[0]!.dims[node.attributes.axis]!, node.attributes)],
};

/**
 * Elements start, start + step, … below end along `axis`; negative places count from the end where the size is a number. `end` may be a named
 * dimension when start is 0 and step 1.
 */
export function slice(x: Expr, axis: number, start: number, end: Dim, step = 1): Expr {
  requireExpr('slice', x);
  const at = normalizeAxis('slice', axis, x.dims.length);
  const size = x.dims[at]!;
  const place = (index: number) => (index < 0 && typeof size === 'number' ? index + size : index);
  const [from, to] = [place(start), typeof end === 'number' ? place(end) : end];
  if (from === 0 && step === 1 && to === size) return x;
  const whole = [from, step, ...(typeof to === 'number' ? [to] : [])].every(Number.isInteger);
  const fits =
    typeof to === 'string' ? from === 0 && step === 1 : from >= 0 && step >= 1 && to > from && (typeof size === 'string' || to <= size);
  if (!whole || !fits)
    throw shapeError(
      'slice',
      `${start}:${end}:${step} is outside axis ${axis} of ${formatDims(x.dims)}.`,
      typeof size === 'string'
        ? 'Places along an axis with a name are whole and count from its start.'
        : 'Take at least one element, at whole places; negative ones count from the end.',
    );
  return makeExpr(sliceOp, [x], { axis: at, start: from, end: to, step });
}

interface UnsliceAttributes extends SliceAttributes {
  readonly size: number;
}

const unsliceOp: Op<UnsliceAttributes> = {
  name: 'unslice',
  infer: ([x], { axis, size }) => ({ type: x!.type, dims: withAxis(x!.dims, axis, size) }),
  reference: ([x], attributes) => {
    const dims = withAxis(x!.dims, attributes.axis, attributes.size);
    const data = new Float64Array(dims.reduce((n, dim) => n * dim, 1));
    forEachSliced(dims, attributes, x!.dims[attributes.axis]!, (whole, part) => {
      data[whole] = x!.data[part]!;
    });
    return { type: x!.type, dims, data };
  },
  emit(emitter, [x], { axis, start, step, size }, node) {
    const dims = node.inputs[0]!.dims as readonly number[];
    const length = dims[axis]!;
    if (step === 1) {
      const pads = new Array<number>(dims.length * 2).fill(0);
      pads[axis] = start;
      pads[dims.length + axis] = size - start - length;
      return emitter.node('Pad', [x!, emitter.int64s(pads)], { mode: 'constant' });
    }
    // Zeros between the elements: give each a row of its own, pad the rows, and read them as one axis again.
    const spread = emitter.node('Reshape', [x!, emitter.int64s([...dims.slice(0, axis + 1), 1, ...dims.slice(axis + 1)])]);
    const rowPads = new Array<number>((dims.length + 1) * 2).fill(0);
    rowPads[dims.length + 1 + axis + 1] = step - 1;
    const rows = emitter.node('Pad', [spread, emitter.int64s(rowPads)], { mode: 'constant' });
    const flat = emitter.node('Reshape', [rows, emitter.int64s(withAxis(dims, axis, length * step))]);
    const pads = new Array<number>(dims.length * 2).fill(0);
    pads[axis] = start;
    // Negative: the last row's padding may reach past the end.
    pads[dims.length + axis] = size - start - length * step;
    return emitter.node('Pad', [flat, emitter.int64s(pads)], { mode: 'constant' });
  },
  gradient: (node, g) => [slice(g, node.attributes.axis, node.attributes.start, node.attributes.end, node.attributes.step)],
};

/** The gradient of {@link slice}: `x` at the sliced places of a tensor of zeros. */
function unslice(x: Expr, size: Dim, attributes: SliceAttributes): Expr {
  if (typeof size === 'string' || x.dims.some((dim) => typeof dim === 'string'))
    throw shapeError(
      'slice',
      'its gradient needs sizes that are known before the graph runs.',
      'Give every dimension a number when training.',
    );
  return makeExpr(unsliceOp, [x], { ...attributes, size });
}

/**
 * The sum of gradients that reach one tensor. Those of slices that tile it side by side are joined, not padded and added:
 * a fused query-key-value projection stays one write.
 */
export function sumGradients(parts: readonly Expr[]): Expr {
  const tiles = parts.filter((part) => part.op === (unsliceOp as Op)) as Expr<UnsliceAttributes>[];
  const sorted = [...tiles].sort((a, b) => a.attributes.start - b.attributes.start);
  const [first] = sorted;
  let end = 0;
  const tiled = sorted.every(({ attributes, inputs }) => {
    const fits = attributes.axis === first!.attributes.axis && attributes.step === 1 && attributes.start === end;
    end += inputs[0]!.dims[attributes.axis] as number;
    return fits;
  });
  if (first === undefined || !tiled || end !== first.attributes.size) return parts.reduce((all, part) => add(all, part));
  const joined = concat(
    sorted.map(({ inputs }) => inputs[0]!),
    first.attributes.axis,
  );
  return parts.filter((part) => part.op !== (unsliceOp as Op)).reduce((all, part) => add(all, part), joined);
}

/** Adds zeros before and after along each axis: `pads` is [[before, after], …]. */
export function padZeros(x: Expr, pads: readonly (readonly [before: number, after: number])[]): Expr {
  return pads.reduce((all, [before, after], axis) => {
    if (before === 0 && after === 0) return all;
    const size = all.dims[axis];
    if (typeof size !== 'number') throw shapeError('pad', `axis ${axis} of ${formatDims(all.dims)} has no fixed size.`);
    return makeExpr(unsliceOp, [all], { axis, start: before, end: before + size, step: 1, size: before + size + after });
  }, x);
}

interface ConcatAttributes {
  readonly axis: number;
  readonly size?: Dim;
}

const concatOp: Op<ConcatAttributes> = {
  name: 'concat',
  infer(inputs, { axis, size }) {
    const first = inputs[0]!;
    for (const x of inputs)
      if (x.type !== first.type || x.dims.length !== first.dims.length || x.dims.some((dim, i) => i !== axis && dim !== first.dims[i]))
        throw shapeError(
          'concat',
          `${formatDims(x.dims)} (${x.type}) does not join ${formatDims(first.dims)} (${first.type}) along axis ${axis}.`,
        );
    const sizes = inputs.map((x) => x.dims[axis]!);
    const known = sizes.every((own) => typeof own === 'number');
    const sum = known ? sizes.reduce((total, own) => total + own, 0) : size;
    if (sum === undefined)
      throw shapeError('concat', `the sum of [${sizes}] is not known before the graph runs.`, "Name it: concat(…, { size: 'total' }).");
    if (typeof size === 'number' && known && size !== sum) throw shapeError('concat', `[${sizes}] add up to ${sum}, not to ${size}.`);
    return { type: first.type, dims: withAxis(first.dims, axis, size ?? sum) };
  },
  reference(inputs, { axis }) {
    const first = inputs[0]!;
    const dims = withAxis(
      first.dims,
      axis,
      inputs.reduce((n, x) => n + x.dims[axis]!, 0),
    );
    const out: Reference = { type: first.type, dims, data: new Float64Array(dims.reduce((n, dim) => n * dim, 1)) };
    let start = 0;
    for (const x of inputs) {
      const length = x.dims[axis]!;
      forEachSliced(dims, { axis, start, end: start + length, step: 1 }, length, (whole, part) => {
        out.data[whole] = x.data[part]!;
      });
      start += length;
    }
    return out;
  },
  emit: (emitter, inputs, { axis }) => emitter.node('Concat', inputs, { axis }),
  gradient: (node, g) => {
    const { axis } = node.attributes;
    let start = 0;
    return node.inputs.map((x) => {
      const length = x.dims[axis];
      if (typeof length !== 'number')
        throw shapeError(
          'concat',
          `its gradient needs sizes along axis ${axis} that are known before the graph runs.`,
          'Give every dimension a number when training.',
        );
      start += length;
      return slice(g, axis, start - length, start);
    });
  },
};

export interface ConcatOptions {
  /** The size of the joined axis, where some of its parts have names: a name for the sum. */
  readonly size?: Dim;
}

/** Joins tensors along `axis`; all other dimensions are equal. Where sizes along `axis` have names, `size` names their sum: for inference only. */
export function concat(inputs: readonly Expr[], axis: number, { size }: ConcatOptions = {}): Expr {
  const [first] = inputs;
  if (first === undefined) throw shapeError('concat', 'no tensors were given.');
  inputs.forEach((x, i) => {
    requireExpr('concat', x, i);
  });
  const at = normalizeAxis('concat', axis, first.dims.length);
  if (inputs.length === 1 && (size === undefined || size === first.dims[at])) return first;
  return makeExpr(concatOp, inputs, { axis: at, ...(size !== undefined && { size }) });
}

/** A tensor of zeros. */
export function zeros(dims: readonly number[]): Expr {
  requireSizes('zeros', dims, false);
  return constant({ type: 'float32', dims, data: new Float32Array(dims.reduce((n, dim) => n * dim, 1)) });
}
