import type { DType } from '@polymodal/modality-registry';
import { formatDims } from './dims.js';
import { AutogradError } from './errors.js';
import type { Expr } from './expr.js';

const floats: readonly DType[] = ['float16', 'float32', 'float64'];

export const isFloat = (type: DType): boolean => floats.includes(type);

/** Refuses operands that are not floating-point numbers, or of several types. */
export function requireFloats(op: string, inputs: readonly Expr[]): void {
  if (inputs.every(({ type }) => isFloat(type) && type === inputs[0]!.type)) return;
  throw new AutogradError({
    code: 'AUTOGRAD_TYPE',
    message: `${op}: operands are ${inputs.map(({ type, dims }) => `${type} ${formatDims(dims)}`).join(', ')}.`,
    fix: 'It takes floating-point numbers of one type: cast() the others first.',
  });
}
