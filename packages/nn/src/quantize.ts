import { elementCount } from '@polymodal/modality-registry';
import { CheckpointError } from './checkpoint-error.js';

export interface QuantizeOptions {
  /** The axis whose every index gets its own scale, such as the output channels of a weight; default: one scale for the whole tensor. */
  readonly axis?: number;
  /**
   * `symmetric` (default): int8 in −127…127, zero point 0. `asymmetric`: uint8 in 0…255, whose zero point makes the most of ranges that lie
   * to one side of zero.
   */
  readonly scheme?: 'symmetric' | 'asymmetric';
}

interface Quantized<Type extends 'int8' | 'uint8', Data extends Int8Array | Uint8Array> {
  readonly type: Type;
  readonly dims: readonly number[];
  readonly data: Data;
  /** [channels], or [1] for the whole tensor. */
  readonly scale: Float32Array;
  /** As many as scales. */
  readonly zeroPoint: Data;
  readonly axis: number | undefined;
}

/** Weights as the inputs of ONNX's DequantizeLinear: x = (data − zeroPoint) · scale. */
export type QuantizedWeights = Quantized<'int8', Int8Array> | Quantized<'uint8', Uint8Array>;

/** The least normal float32: runtimes may flush smaller scales to zero. */
const leastScale = 2 ** -126;

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** The next float32 at or above `x` > 0. Rounded down, a scale would leave the ends of the range more than half a step away. */
function roundUp(x: number): number {
  single[0] = x;
  if (single[0] < x) bits[0] = bits[0]! + 1;
  return single[0]!;
}

/** How far apart neighbours along `axis` lie in the data, and how many there are; the whole tensor is one channel of axis-less data. */
function channelLayout(dims: readonly number[], axis: number | undefined): { channels: number; stride: number } {
  if (axis === undefined) return { channels: 1, stride: Math.max(1, elementCount(dims)) };
  if (!Number.isInteger(axis) || axis < 0 || axis >= dims.length)
    throw new CheckpointError({
      code: 'CHECKPOINT_AXIS',
      message: `The axis ${axis} is not one of the ${dims.length} axes of [${dims.join(', ')}].`,
      fix: 'Pass the axis of the output channels: 0, 1 …',
    });
  return { channels: dims[axis]!, stride: elementCount(dims.slice(axis + 1)) };
}

/** The range of each channel, zero included: padding and masks must stay exactly zero. */
function channelRanges(data: Float32Array, channels: number, stride: number): { low: Float32Array; high: Float32Array } {
  const low = new Float32Array(channels);
  const high = new Float32Array(channels);
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    if (!Number.isFinite(x))
      throw new CheckpointError({
        code: 'CHECKPOINT_NOT_FINITE',
        message: `The weights have ${x} at index ${i}, which has no quantised form.`,
        fix: 'Go back to a checkpoint with finite weights.',
      });
    const channel = Math.floor(i / stride) % channels;
    if (x < low[channel]!) low[channel] = x;
    if (x > high[channel]!) high[channel] = x;
  }
  return { low, high };
}

/**
 * Quantises weights to 8 bits for ONNX's DequantizeLinear (Jacob et al. 2018, arXiv 1712.05877, section 2.1). Each weight comes back within half
 * a scale, and zero as zero. Throws {@link CheckpointError} for a NaN or an infinity, and for dims or an axis that do not fit.
 */
export function quantizeWeights(
  data: Float32Array,
  dims: readonly number[],
  { axis, scheme = 'symmetric' }: QuantizeOptions = {},
): QuantizedWeights {
  if (elementCount(dims) !== data.length)
    throw new CheckpointError({
      code: 'CHECKPOINT_SHAPE',
      message: `${data.length} weights do not fill [${dims.join(', ')}].`,
      fix: 'Pass dims whose product is the number of weights.',
    });
  const { channels, stride } = channelLayout(dims, axis);
  const { low, high } = channelRanges(data, channels, stride);
  const symmetric = scheme === 'symmetric';
  const [least, most] = symmetric ? [-127, 127] : [0, 255];
  const scale = Float32Array.from(low, (from, channel) => {
    const to = high[channel]!;
    return roundUp(Math.max(leastScale, symmetric ? Math.max(-from, to) / 127 : (to - from) / 255));
  });
  const zero = Uint8Array.from(low, (from, channel) => (symmetric ? 0 : Math.round(-from / scale[channel]!)));
  const fill = <T extends Int8Array | Uint8Array>(quantized: T): T => {
    for (let i = 0; i < data.length; i++) {
      const channel = Math.floor(i / stride) % channels;
      quantized[i] = Math.min(most, Math.max(least, Math.round(data[i]! / scale[channel]!) + zero[channel]!));
    }
    return quantized;
  };
  if (symmetric) return { type: 'int8', dims, data: fill(new Int8Array(data.length)), scale, zeroPoint: new Int8Array(channels), axis };
  return { type: 'uint8', dims, data: fill(new Uint8Array(data.length)), scale, zeroPoint: zero, axis };
}
