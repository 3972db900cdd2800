import { elementCount, type TensorLike } from '@polymodal/modality-registry';
import { formatDims } from '../dims.js';
import { AutogradError, shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op } from '../expr.js';
import type { Emitter } from '../onnx/emit.js';
import { constant } from './leaf.js';
import { reshape } from './shape.js';
import { slice } from './slice.js';

// The generator is Squares (Widynski 2020, arXiv 2004.06278): 32 random bits from a counter and a key, in four rounds of squaring. It needs
// sums, products and shifts of 64-bit integers alone, which every ONNX Runtime since 1.14 has, so the graph itself draws the numbers, a
// hundred times as fast as a loop in JavaScript would, and the same bits everywhere.

interface DrawAttributes {
  /** How many 32-bit words. */
  readonly count: number;
  /** Bits of one number: a word gives two of 16, or one of 24. */
  readonly bits: 16 | 24;
  readonly stream: number;
}

const half = 32n;
const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint): bigint => wrap((value >> half) | (value << half));

/** An odd key with irregular digits for each stream: the mixing of SplitMix64 (Steele et al. 2014). */
function keyOf(stream: number): bigint {
  let z = wrap(BigInt(stream + 1) * 0x9e3779b97f4a7c15n);
  z = wrap((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = wrap((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return (z ^ (z >> 31n)) | 1n;
}

function squares(counter: bigint, key: bigint): number {
  const y = wrap(counter * key);
  const z = wrap(y + key);
  let x = rotate(wrap(y * y + y));
  x = rotate(wrap(x * x + z));
  x = rotate(wrap(x * x + y));
  return Number(wrap(x * x + z) >> half);
}

const int64 = (emitter: Emitter, value: bigint): string =>
  emitter.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt.asIntN(64, value)) } satisfies TensorLike);

/** The upper words of 64-bit numbers, as unsigned ones: shifts exist for those alone, sums and products for signed ones alone. */
function upper(emitter: Emitter, x: string): string {
  return shift(emitter, emitter.node('Cast', [x], { to: { type: 'uint64' } }), half, 'RIGHT');
}

function shift(emitter: Emitter, x: string, by: bigint, direction: 'LEFT' | 'RIGHT'): string {
  return emitter.node('BitShift', [x, emitter.constant({ type: 'uint64', dims: [], data: BigUint64Array.of(by) })], { direction });
}

function emitWords(emitter: Emitter, seed: string, count: number, key: bigint): string {
  const places = emitter.node('Range', [int64(emitter, 0n), int64(emitter, BigInt(count)), int64(emitter, 1n)]);
  const counter = emitter.node('Add', [places, emitter.node('Mul', [seed, int64(emitter, 1n << half)])]);
  const y = emitter.node('Mul', [counter, int64(emitter, key)]);
  const z = emitter.node('Add', [y, int64(emitter, key)]);
  const square = (x: string, plus: string) => emitter.node('Add', [emitter.node('Mul', [x, x]), plus]);
  const swap = (x: string) =>
    emitter.node('Add', [
      emitter.node('Cast', [upper(emitter, x)], { to: { type: 'int64' } }),
      emitter.node('Mul', [x, int64(emitter, 1n << half)]),
    ]);
  const rounds = [y, z, y].reduce((x, plus) => swap(square(x, plus)), y);
  return upper(emitter, square(rounds, z));
}

const drawOp: Op<DrawAttributes> = {
  name: 'randomUniform',
  infer: (_, { count, bits }) => ({ type: 'float32', dims: [bits === 16 ? 2 * count : count] }),
  reference([seed], { count, bits, stream }) {
    const key = keyOf(stream);
    const start = BigInt(seed!.data[0]!) << half;
    const words = Array.from({ length: count }, (_, i) => squares(wrap(start + BigInt(i)), key));
    const data =
      bits === 24
        ? Float64Array.from(words, (word) => (word >>> 8) / 2 ** 24)
        : Float64Array.from([...words.map((word) => word >>> 16), ...words.map((word) => word & 0xffff)], (number) => number / 2 ** 16);
    return { type: 'float32', dims: [data.length], data };
  },
  emit(emitter, [seed], { count, bits, stream }) {
    const words = emitWords(emitter, seed!, count, keyOf(stream));
    const number = (x: string) => emitter.node('Cast', [x], { to: { type: 'float32' } });
    const unit = emitter.constant({ type: 'float32', dims: [], data: Float32Array.of(2 ** -bits) });
    if (bits === 24) return emitter.node('Mul', [number(shift(emitter, words, 8n, 'RIGHT')), unit]);
    const low = shift(emitter, shift(emitter, words, 48n, 'LEFT'), 48n, 'RIGHT');
    const both = emitter.node('Concat', [number(shift(emitter, words, 16n, 'RIGHT')), number(low)], { axis: 0 });
    return emitter.node('Mul', [both, unit]);
  },
};

export interface RandomOptions {
  /** What changes from run to run, such as the number of the step: an int64 scalar, of which the lower 32 bits count, or a number. */
  readonly seed: Expr | number;
  /** A whole number that tells this place in the model from others; equal ones draw equal numbers. Default 0. */
  readonly stream?: number;
}

/** How many numbers a shape takes. */
export function drawnCount(op: string, dims: readonly (number | string)[]): number {
  const whole = dims.every((dim) => Number.isInteger(dim) && (dim as number) > 0);
  const count = whole ? elementCount(dims as number[]) : 0;
  if (count < 1 || count > 2 ** 31)
    throw shapeError(
      op,
      `the shape is ${formatDims(dims)}.`,
      'Random numbers need a size that is known before the graph runs: at most 2³¹.',
    );
  return count;
}

/** Numbers in [0, 1) with `bits` random bits. → dims */
export function draw(op: string, dims: readonly (number | string)[], bits: 16 | 24, { seed, stream = 0 }: RandomOptions): Expr {
  const count = drawnCount(op, dims);
  if (!Number.isSafeInteger(stream) || stream < 0)
    throw new AutogradError({ code: 'AUTOGRAD_ARGUMENT', message: `${op}: stream ${stream}.`, fix: 'Give a whole number from 0 on.' });
  const start =
    typeof seed === 'number' && Number.isSafeInteger(seed)
      ? constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(seed)) })
      : seed;
  if (typeof start !== 'object' || start.type !== 'int64' || start.dims.length !== 0)
    throw new AutogradError({
      code: 'AUTOGRAD_ARGUMENT',
      message: `${op}: the seed is ${typeof start !== 'object' ? start : `${start.type} ${formatDims(start.dims)}`}.`,
      fix: "Give a whole number, or an int64 scalar such as input('step', 'int64', []).",
    });
  const words = bits === 16 ? Math.ceil(count / 2) : count;
  const numbers = makeExpr(drawOp, [start], { count: words, bits, stream });
  return reshape(slice(numbers, 0, 0, count), dims);
}

/**
 * Uniform float32 numbers in [0, 1) with 24 random bits, drawn inside the graph: the same bits on every platform for one seed and stream. They have no
 * gradient. → dims
 */
export function randomUniform(dims: readonly number[], options: RandomOptions): Expr {
  return draw('randomUniform', dims, 24, options);
}
