import { linear } from '../src/layers.js';
import type { Module, Weights } from '../src/module.js';
import { checkpointFolder, type SaveModelOptions, saveModel } from '../src/node/index.js';
import { float32 } from './problems.js';

const weight = (step: number) => float32([5000], new Float32Array(5000).fill(step));

const [inputs, outputs] = [64, 16];

/** A model in two files whose weights all are `value`: those beside it, and the bias, which is small enough to stay inside. */
function paired(value: number): [Module, SaveModelOptions] {
  const model = linear(inputs, outputs);
  const weights: Weights = new Map([
    ['weight', float32([outputs, inputs], new Float32Array(outputs * inputs).fill(value))],
    ['bias', float32([outputs], new Float32Array(outputs).fill(value))],
  ]);
  const onnx = {
    inputs: { x: { type: 'float32', dims: ['batch', inputs] } },
    forward: ({ x }: Readonly<Record<string, Parameters<typeof model>[0]>>) => model(x!),
    externalData: { location: 'model.onnx_data' },
  } as const;
  return [model, { weights, config: { value }, onnx }];
}

/** What is saved to a folder at a step, all of whose numbers are that step. */
export const saves: Readonly<Record<string, (folder: string, step: number) => Promise<void>>> = {
  checkpoint: (folder, step) => checkpointFolder(folder).save({ step, tensors: new Map([['weight', weight(step)]]) }),
  best: (folder, step) =>
    checkpointFolder(folder).saveBest!({ step, weights: new Map([['weight', weight(step)]]), results: { loss: 1 / step } }),
  model: (folder, step) => saveModel(folder, ...paired(step)),
};
