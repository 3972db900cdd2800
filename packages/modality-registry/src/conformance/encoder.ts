import { type EncoderPart, elementCount, type ModelInputs, type TensorLike, type Tokens } from '../index.js';
import { ConformanceError } from './assert.js';
import { batchCases, type Call } from './batch-cases.js';
import type { ConformanceCase, MakeCase } from './case.js';
import { difference } from './compare.js';
import type { Context } from './options.js';
import { checkDType, checkShape, itemOf, readTensor } from './tensors.js';
import { unpadded } from './tokens.js';

type EncoderInput = Tokens | ModelInputs;

/** What an encoder gave, beside the mask of what it was given. */
interface Encoded {
  readonly vectors: TensorLike;
  readonly mask: TensorLike | undefined;
}

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

  return batchCases<EncoderInput, Encoded>(
    {
      count: samples.length,
      tolerance: context.tolerance,
      prepare,
      call: async (input, options) => ({ vectors: readTensor('vectors', await part.encode(input, options)), mask: maskOf(input) }),
      tensors: ({ vectors }) => ({ vectors }),
      checkShapes: ({ vectors }, count) => checkShape('vectors', vectors, [count, undefined, width]),
      checkDTypes: ({ vectors }) => checkDType('vectors', vectors, ['float32']),
      compareWithLoop: (batch, singles) => {
        for (const [item, single] of singles.entries()) {
          const found = difference(realVectors(batch, item), realVectors(single, 0), context.tolerance, `item ${item}`);
          if (found !== undefined) return found;
        }
        return undefined;
      },
      badCalls: async () => badInputs(part, await prepare([0])),
    },
    make,
  );
}

/** The vectors of an item without padding; a mask counts only where the encoder keeps one vector per token. */
function realVectors({ vectors, mask }: Encoded, item: number): (readonly (number | bigint)[])[] {
  const perToken = mask !== undefined && mask.dims[1] === vectors.dims[1];
  return unpadded(itemOf(vectors, item), perToken ? itemOf(mask, item) : undefined);
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
