import type { ModelInputs, ProcessorPart, TensorLike } from '../index.js';
import { check, show } from './assert.js';
import { batchCases } from './batch-cases.js';
import type { ConformanceCase, MakeCase } from './case.js';
import { difference } from './compare.js';
import type { Context } from './options.js';
import { badRawCalls } from './raw.js';
import { checkDType, checkShape, concatenate, itemOf, readTensor } from './tensors.js';
import { unpadded } from './tokens.js';

export function processorCases(part: ProcessorPart, context: Context, make: MakeCase): ConformanceCase[] {
  const samples = context.samples[part.modality]! as readonly never[];
  return batchCases<readonly never[], ModelInputs>(
    {
      count: samples.length,
      tolerance: context.tolerance,
      prepare: async (indices) => indices.map((index) => samples[index]!),
      original: (indices) => indices.map((index) => context.originals[part.modality]![index]),
      call: (inputs, options) => part.process(inputs, options),
      tensors: inputTensors,
      checkShapes: (output) => {
        for (const [name, tensor] of Object.entries(inputTensors(output))) checkShape(name, tensor);
      },
      checkDTypes: (output) => {
        for (const [name, tensor] of Object.entries(inputTensors(output))) checkDType(name, tensor);
      },
      compareWithLoop: (batch, singles) => compareInputs(batch, singles, context.tolerance),
      badCalls: async () => badRawCalls(context, part.modality, (inputs) => part.process(inputs)),
    },
    make,
  );
}

/** Model inputs, once they are known to be named tensors. */
export function inputTensors(inputs: ModelInputs): Record<string, TensorLike> {
  check(typeof inputs === 'object' && inputs !== null && Object.keys(inputs).length > 0, () => {
    return `process resolved to ${show(inputs)}, but model inputs are named tensors, at least one.`;
  });
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, readTensor(name, tensor)]));
}

/**
 * Where the inputs of a batch differ from those of its items. Rows must be equal one below another, which also holds for encoders that
 * take the patches of all pictures as one list; where the batch was padded, rows are compared without their padding.
 */
function compareInputs(batch: ModelInputs, singles: readonly ModelInputs[], tolerance: number): string | undefined {
  for (const [name, whole] of Object.entries(batch)) {
    const parts = singles.map((single) => single[name]);
    if (parts.some((part) => part === undefined)) return `${name}: it is there for the batch only`;
    const found = samePadding(whole, parts as TensorLike[])
      ? difference(whole, concatenate(parts as TensorLike[]), tolerance, name)
      : differencePadded(name, batch, singles, tolerance);
    if (found !== undefined) return found;
  }
  return undefined;
}

function samePadding(whole: TensorLike, parts: readonly TensorLike[]): boolean {
  return parts.every((part) => part.dims.slice(1).join() === whole.dims.slice(1).join());
}

function differencePadded(name: string, batch: ModelInputs, singles: readonly ModelInputs[], tolerance: number): string | undefined {
  const real = (inputs: ModelInputs, item: number) => {
    const mask = inputs.attention_mask && itemOf(inputs.attention_mask, item);
    return unpadded(itemOf(inputs[name]!, item), mask);
  };
  for (const [item, single] of singles.entries()) {
    const found = difference(real(batch, item), real(single, 0), tolerance, `${name} of item ${item}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
