import { type EncoderPart, elementCount, type ModelInputs, type TensorLike, type Tokens } from '../index.js';
import { ConformanceError } from './assert.js';
import { batchCases, type Call } from './batch-cases.js';
import type { ConformanceCase, MakeCase } from './case.js';
import { difference } from './compare.js';
import type { Context } from './options.js';
import { checkDType, checkShape, itemOf, readTensor } from './tensors.js';
import { unpadded } from './tokens.js';

type EncoderInput = Tokens | ModelInputs;

export function encoderCases(part: EncoderPart, context: Context, make: MakeCase): ConformanceCase[] {
  const { modality, width } = part;
  const samples = context.samples[modality]!;
  const toInput = context.prepare(modality);
  if (toInput === undefined) {
    throw new ConformanceError({
      code: 'CONFORMANCE_OPTIONS',
      message: `plugin '${context.plugin.name}' has an encoder of '${modality}', but neither a processor nor a tokenizer that makes its input.`,
      fix: `Pass prepare: { ${modality}: (samples) => processor.process(samples) }.`,
    });
  }
  const prepare = (indices: readonly number[]) => toInput(indices.map((index) => samples[index])) as Promise<EncoderInput>;
  const masks = new WeakMap<object, TensorLike | undefined>();

  return batchCases<EncoderInput, TensorLike<'float32'>>(
    {
      count: samples.length,
      tolerance: context.tolerance,
      prepare,
      call: async (input, options) => {
        const output = await part.encode(input, options);
        if (typeof output === 'object' && output !== null) masks.set(output, maskOf(input));
        return output;
      },
      tensors: (output) => ({ vectors: readTensor('vectors', output) }),
      checkShapes: (output, count) => checkShape('vectors', readTensor('vectors', output), [count, undefined, width]),
      checkDTypes: (output) => checkDType('vectors', readTensor('vectors', output), ['float32']),
      compareWithLoop: (batch, singles) => {
        const real = (output: TensorLike, item: number) => {
          const mask = masks.get(output);
          // A mask counts only where the encoder keeps one vector per token.
          return unpadded(itemOf(output, item), mask?.dims[1] === output.dims[1] ? mask && itemOf(mask, item) : undefined);
        };
        for (const [item, single] of singles.entries()) {
          const found = difference(real(batch, item), real(single, 0), context.tolerance, `item ${item}`);
          if (found !== undefined) return found;
        }
        return undefined;
      },
      badCalls: async () => badInputs(part, await prepare([0])),
    },
    make,
  );
}

function maskOf(input: EncoderInput): TensorLike | undefined {
  return (input as Tokens).attentionMask ?? (input as ModelInputs).attention_mask;
}

function badInputs(part: EncoderPart, good: EncoderInput): Call[] {
  const run = (input: unknown) => () => part.encode(input as never);
  const calls: Call[] = [
    { what: 'null instead of tokens or model inputs', run: run(null) },
    { what: '42 instead of tokens or model inputs', run: run(42) },
    { what: 'an object without tensors', run: run({}) },
  ];
  const [name, tensor] = Object.entries(good)[0] as [string, TensorLike];
  const short = { ...tensor, data: tensor.data.slice(0, elementCount(tensor.dims) - 1) };
  return [...calls, { what: `${name} with fewer elements than dims need`, run: run({ ...good, [name]: short }) }];
}
