import { AudioError, checkOptions, optionError, shown } from '../errors.js';

/** One axis of a convolution, in the terms of torch.nn.Conv1d. */
export interface ConvolutionOptions {
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Zeros put on each side; default 0. */
  readonly padding?: number;
  /** Default 1. */
  readonly dilation?: number;
}

/**
 * What a convolution makes of an axis of `length`: ⌊(length + 2 · padding − dilation · (kernel − 1) − 1) / stride⌋ + 1, and 0 where the kernel
 * does not fit once (where PyTorch throws).
 *
 * @throws AudioError AUDIO_LENGTH for what is no count, AUDIO_OPTION for options that are no object
 */
export function convolutionLength(length: number, options: ConvolutionOptions): number {
  const { kernel, stride = 1, padding = 0, dilation = 1 } = checkOptions('convolutionLength', options);
  checkCount(length, 'length', 0);
  checkCount(kernel, 'kernel', 1);
  checkCount(stride, 'stride', 1);
  checkCount(padding, 'padding', 0);
  checkCount(dilation, 'dilation', 1);
  const room = length + 2 * padding - dilation * (kernel - 1) - 1;
  return room < 0 ? 0 : Math.floor(room / stride) + 1;
}

/** The same for convolutions one after another. @throws AudioError AUDIO_LENGTH for what is no count, AUDIO_OPTION for what is no list of layers */
export function convolutionStackLength(length: number, layers: readonly ConvolutionOptions[]): number {
  checkCount(length, 'length', 0);
  if (!Array.isArray(layers)) throw optionError('layers', layers, 'a list of { kernel, … }');
  // Nothing comes of nothing, even where a layer's padding alone would hold its kernel.
  return layers.reduce((reached, layer) => (reached === 0 ? 0 : convolutionLength(reached, layer)), length);
}

/** @throws AudioError AUDIO_LENGTH, or `code`, unless `value` is a whole number of at least `least` */
export function checkCount(value: unknown, name: string, least: number, code = 'AUDIO_LENGTH'): asserts value is number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return;
  throw new AudioError({
    code,
    message: `${name} is ${shown(value)}, but a whole number of at least ${least} was expected.`,
    fix: 'Count samples or frames, not seconds.',
  });
}
