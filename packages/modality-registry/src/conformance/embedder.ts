import type { EmbedderPart, Embeddings } from '../index.js';
import { check, show } from './assert.js';
import { batchCases } from './batch-cases.js';
import type { ConformanceCase, MakeCase } from './case.js';
import { difference } from './compare.js';
import type { Context } from './options.js';
import { badRawCalls } from './raw.js';
import { checkDType, checkShape, concatenate, readTensor } from './tensors.js';

export function embedderCases(part: EmbedderPart, context: Context, make: MakeCase): ConformanceCase[] {
  const { space, width } = part;
  const samples = context.samples[part.modality]! as readonly never[];

  const cases = batchCases<readonly never[], Embeddings>(
    {
      count: samples.length,
      tolerance: context.tolerance,
      prepare: async (indices) => indices.map((index) => samples[index]!),
      original: (indices) => indices.map((index) => context.originals[part.modality]![index]),
      call: (inputs, options) => part.embed(inputs, options),
      tensors: (output) => ({ vectors: vectorsOf(output) }),
      checkShapes: (output, count) => checkShape('vectors', vectorsOf(output), [count, width]),
      checkDTypes: (output) => checkDType('vectors', vectorsOf(output), ['float32']),
      compareWithLoop: (batch, singles) => difference(vectorsOf(batch), concatenate(singles.map(vectorsOf)), context.tolerance),
      badCalls: async () => badRawCalls(context, part.modality, (inputs) => part.embed(inputs)),
    },
    make,
  );

  cases.push(
    make('space', async () => {
      const given = (await part.embed([...samples])).space;
      const same = given?.name === space.name && given.fingerprint === space.fingerprint;
      check(same, () => `embed gave vectors of space ${JSON.stringify(given)}, but the part states ${JSON.stringify(space)}.`);
    }),
  );
  if (part.normalized === true) {
    cases.push(
      make('unit length', async () => {
        const { data } = vectorsOf(await part.embed([...samples]));
        for (const item of samples.keys()) {
          const norm = Math.hypot(...Array.from(data.slice(item * width, (item + 1) * width), Number));
          check(Math.abs(norm - 1) <= 1e-3, () => `vector ${item} has length ${norm}, but the part states \`normalized\`.`);
        }
      }),
    );
  }
  return cases;
}

function vectorsOf(output: Embeddings) {
  check(typeof output === 'object' && output !== null, () => `embed resolved to ${show(output)}, but embeddings are { vectors, space }.`);
  return readTensor('vectors', output.vectors);
}
