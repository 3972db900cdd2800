import { type AdapterPart, elementCount, type TensorLike } from '../index.js';
import { batchCases } from './batch-cases.js';
import type { ConformanceCase, MakeCase } from './case.js';
import { difference } from './compare.js';
import type { Context } from './options.js';
import { checkDType, checkShape, concatenate, readTensor, rowsOf } from './tensors.js';

export function adapterCases(part: AdapterPart, context: Context, make: MakeCase): ConformanceCase[] {
  const vectors = context.vectors?.(part) ?? fixedVectors([3, part.from.width]);

  return batchCases<TensorLike<'float32'>, TensorLike<'float32'>>(
    {
      count: vectors.dims[0]!,
      tolerance: context.tolerance,
      prepare: async (indices) => rowsOf(vectors, indices),
      call: (input, options) => part.adapt(input, options),
      tensors: (output) => ({ vectors: readTensor('vectors', output) }),
      // A resampler changes the number of tokens, so only rank, batch and width are fixed.
      checkShapes: (output, count) =>
        checkShape('vectors', readTensor('vectors', output), [count, ...vectors.dims.slice(1, -1).map(() => undefined), part.to.width]),
      checkDTypes: (output) => checkDType('vectors', readTensor('vectors', output), ['float32']),
      compareWithLoop: (batch, singles) => difference(batch, concatenate(singles), context.tolerance),
      badCalls: async () => {
        const run = (input: unknown) => () => part.adapt(input as never);
        const wider = [...vectors.dims.slice(0, -1), part.from.width + 1];
        return [
          { what: 'null instead of vectors', run: run(null) },
          { what: `vectors of width ${part.from.width + 1}`, run: run(fixedVectors(wider)) },
          { what: 'vectors with fewer elements than dims need', run: run({ ...vectors, data: vectors.data.slice(1) }) },
          { what: 'vectors of int32', run: run({ ...vectors, type: 'int32', data: new Int32Array(vectors.data.length) }) },
        ];
      },
    },
    make,
  );
}

/** The same numbers in [-1, 1] on every platform: no sine, no random. */
function fixedVectors(dims: readonly number[]): TensorLike<'float32'> {
  const data = new Float32Array(elementCount(dims));
  for (let i = 0; i < data.length; i++) data[i] = (((i + 1) * 7919) % 2003) / 1001 - 1;
  return { type: 'float32', dims, data };
}
