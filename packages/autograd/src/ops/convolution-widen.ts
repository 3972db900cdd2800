import type { Dims } from '../dims.js';
import type { Emitter } from '../onnx/emit.js';
import { type Geometry, onnxGeometry } from './convolution-geometry.js';
import { emitPlaceSums, placeSums } from './place-table.js';

export interface WidenParts {
  /** [batch, in, …] */
  readonly narrow: string;
  /** [in, out / groups, …kernel] */
  readonly weight: string;
  readonly bias: string | undefined;
  readonly narrowDims: Dims;
  readonly weightDims: readonly number[];
  readonly outputPadding: readonly number[];
  readonly geometry: Geometry;
}

/**
 * A transposed convolution. ONNX Runtime's own operator works picture by picture on one thread, so what networks are made of takes another
 * road: a stride of 1 is a convolution with the kernel turned round, and larger strides are one such convolution per phase of the output.
 */
export function emitWiden(emitter: Emitter, parts: WidenParts): string {
  if (isPlain(parts)) return emitTurned(emitter, parts);
  if (hasPhases(parts)) return emitPhases(emitter, parts);
  const inputs = parts.bias === undefined ? [parts.narrow, parts.weight] : [parts.narrow, parts.weight, parts.bias];
  const kernel = parts.weightDims.slice(2);
  return emitter.node('ConvTranspose', inputs, { ...onnxGeometry(parts.geometry, kernel), output_padding: parts.outputPadding });
}

const reach = ({ geometry, weightDims }: WidenParts): number[] =>
  geometry.dilations.map((dilation, axis) => dilation * (weightDims[axis + 2]! - 1));

function isPlain(parts: WidenParts): boolean {
  const { strides, groups, pads } = parts.geometry;
  return (
    groups === 1 &&
    strides.every((stride) => stride === 1) &&
    reach(parts).every((span, axis) => pads[axis]!.every((zeros) => zeros <= span))
  );
}

function emitTurned(emitter: Emitter, parts: WidenParts): string {
  const { geometry, weightDims, outputPadding } = parts;
  const axes = geometry.strides.map((_, axis) => axis + 2);
  const swapped = emitter.node('Transpose', [parts.weight], { perm: [1, 0, ...axes] });
  const fromEnd = axes.map(() => -1);
  // An end far below zero: the slice runs to the first element, whatever the size.
  const toStart = axes.map(() => -(2 ** 31));
  const turned = emitter.node('Slice', [
    swapped,
    emitter.int64s(fromEnd),
    emitter.int64s(toStart),
    emitter.int64s(axes),
    emitter.int64s(fromEnd),
  ]);
  const pads = reach(parts).map((span, axis): [number, number] => [
    span - geometry.pads[axis]![0],
    span - geometry.pads[axis]![1] + outputPadding[axis]!,
  ]);
  const inputs = parts.bias === undefined ? [parts.narrow, turned] : [parts.narrow, turned, parts.bias];
  return emitter.node('Conv', inputs, onnxGeometry({ ...geometry, pads }, weightDims.slice(2)));
}

/** Whether phases are possible, and by measurements on ONNX Runtime's CPU provider faster: 1.3 to 3 times in planes, up to 12 in volumes. */
function hasPhases(parts: WidenParts): boolean {
  const { geometry, weightDims, narrowDims } = parts;
  const [inputs, outputs, ...kernel] = weightDims as [number, number, ...number[]];
  const [batch, ...rest] = narrowDims;
  if (geometry.groups !== 1 || rest.some((dim) => typeof dim !== 'number') || geometry.dilations.some((dilation) => dilation !== 1))
    return false;
  if (geometry.strides.some((stride, axis) => stride > kernel[axis]!)) return false;
  const axes = phaseAxes(parts);
  // WebGPU's convolution with a kernel of one element leaves out the zeros behind an axis.
  if (axes.every(({ taps }) => taps === 1) && axes.some(({ pads }) => pads[1] > 0)) return false;
  const pixels = product(axes.map(({ size }) => size));
  const isWeightSmall = (typeof batch === 'number' ? batch : 1) * pixels >= inputs * product(kernel);
  if (!isWeightSmall) return false;
  if (kernel.length !== 2 || geometry.strides.every((stride, axis) => stride === kernel[axis])) return true;
  const windows = product(narrowDims.slice(2) as number[]);
  const isEven = geometry.strides.every((stride, axis) => kernel[axis]! % stride === 0);
  return isEven && outputs >= 8 && windows >= (inputs <= 64 ? 64 : 1024);
}

/** One spatial axis of a transposed convolution by phases: place j and phase p give element stride · j + p − start of the output. */
interface PhaseAxis {
  readonly kernel: number;
  readonly stride: number;
  /** Elements of the kernel that meet one element of the output. */
  readonly taps: number;
  /** Zeros around the narrow side. */
  readonly pads: readonly [before: number, after: number];
  readonly places: number;
  readonly start: number;
  readonly size: number;
}

/** Places that padding cuts off as a whole are not computed. */
function phaseAxes({ geometry, weightDims, narrowDims, outputPadding }: WidenParts): PhaseAxis[] {
  return geometry.strides.map((stride, axis) => {
    const [kernel, count] = [weightDims[axis + 2]!, narrowDims[axis + 2] as number];
    const [before, after] = geometry.pads[axis]!;
    const taps = Math.ceil(kernel / stride);
    const size = (count - 1) * stride + kernel - before - after + outputPadding[axis]!;
    const first = Math.min(Math.floor(before / stride), taps - 1);
    const places = Math.max(Math.ceil((before + size) / stride), count) - first;
    return { kernel, stride, taps, pads: [taps - 1 - first, places - count + first], places, start: before - first * stride, size };
  });
}

const product = (values: readonly number[]): number => values.reduce((n, value) => n * value, 1);

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** Of the weight [in, out, …kernel], the kernels of all phases: [phases · out, in, …taps]. */
function phaseKernels(emitter: Emitter, { weight, weightDims: [inputs, outputs] }: WidenParts, axes: readonly PhaseAxis[]): string {
  const area = product(axes.map(({ kernel }) => kernel));
  const padded = axes.map(({ stride, taps }) => stride * taps);
  const placesOf = (along: (axis: PhaseAxis) => readonly number[]) =>
    placeSums(axes.map((axis, i) => along(axis).map((at) => at * product(padded.slice(i + 1)))));
  const phases = placesOf(({ stride }) => range(stride));
  // A convolution reads forward, its transpose backward.
  const taps = placesOf(({ stride, taps: count }) => range(count).map((t) => stride * (count - 1 - t)));
  const flat = placesOf(({ kernel }) => range(kernel));
  const places = new Map(flat.map((place, i) => [place, i]));
  // Where the stride does not divide the kernel, some phases have fewer elements: a zero behind the last stands for those.
  const chosen = phases.flatMap((phase) => taps.map((tap) => places.get(phase + tap) ?? area));
  const rows = emitter.node('Reshape', [weight, emitter.int64s([inputs!, outputs!, area])]);
  const source = chosen.includes(area) ? emitter.node('Pad', [rows, emitter.int64s([0, 0, 0, 0, 0, 1])], { mode: 'constant' }) : rows;
  const gathered = emitter.node('Gather', [source, emitter.int64s(chosen)], { axis: 2 });
  const split = emitter.node('Reshape', [gathered, emitter.int64s([inputs!, outputs!, phases.length, taps.length])]);
  const turned = emitter.node('Transpose', [split], { perm: [2, 1, 0, 3] });
  return emitter.node('Reshape', [turned, emitter.int64s([phases.length * outputs!, inputs!, ...axes.map((axis) => axis.taps)])]);
}

/** All phases as the channels of one convolution, which are then laid out as pixels, channels last, so that whole pixels are moved. */
function emitPhases(emitter: Emitter, parts: WidenParts): string {
  const axes = phaseAxes(parts);
  const outputs = parts.weightDims[1]!;
  const phases = product(axes.map(({ stride }) => stride));
  const places = product(axes.map((axis) => axis.places));
  const inputs = [parts.narrow, phaseKernels(emitter, parts, axes)];
  if (parts.bias !== undefined) {
    const repeated = emitter.node('Expand', [parts.bias, emitter.int64s([phases, outputs])]);
    inputs.push(emitter.node('Reshape', [repeated, emitter.int64s([phases * outputs])]));
  }
  const taps = axes.map((axis) => axis.taps);
  const ones = axes.map(() => 1);
  const geometry = { strides: ones, dilations: ones, groups: 1, pads: axes.map(({ pads }) => pads) };
  const convolved = emitter.node('Conv', inputs, onnxGeometry(geometry, taps)); // [batch, phases · out, …places]
  const planes = emitter.node('Reshape', [convolved, emitter.int64s([-1, phases * outputs, places])]);
  const turned = emitter.node('Transpose', [planes], { perm: [0, 2, 1] });
  const pixels = emitter.node('Reshape', [turned, emitter.int64s([-1, places * phases, outputs])]);
  const woven = emitter.node('Gather', [pixels, emitPlaceSums(emitter, pixelPlaces(axes))], { axis: 1 }); // [batch, pixels, out]
  const channelsFirst = emitter.node('Transpose', [woven], { perm: [0, 2, 1] });
  return emitter.node('Reshape', [channelsFirst, emitter.int64s([-1, outputs, ...axes.map(({ size }) => size)])]);
}

/** Where every pixel of the output lies among [places × phases]: the sums of these. */
function pixelPlaces(axes: readonly PhaseAxis[]): number[][] {
  const phases = product(axes.map(({ stride }) => stride));
  return axes.map(({ stride, start, size }, i) => {
    const behind = axes.slice(i + 1);
    const [place, phase] = [phases * product(behind.map(({ places }) => places)), product(behind.map((axis) => axis.stride))];
    return range(size).map((at) => Math.floor((at + start) / stride) * place + ((at + start) % stride) * phase);
  });
}
