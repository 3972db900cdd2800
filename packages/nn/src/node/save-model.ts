import { dirname, join } from 'node:path';
import type { ExternalData } from '@polymodal/autograd';
import { CheckpointError } from '../checkpoint-error.js';
import { type ExportOptions, exportOnnx, storedWeights } from '../export-onnx.js';
import type { Module, Weights } from '../module.js';
import { serializeSafetensors } from '../safetensors.js';
import type { Json } from './checkpoint.js';
import { makeWeightsFolder, writeWeightsFiles } from './write-files.js';

export interface SaveModelOptions {
  readonly weights: Weights;
  /** Stores weights in half the bytes, rounded once for all files; default false. */
  readonly float16?: boolean;
  /** What `config.json` will hold: the sizes that build the model again. */
  readonly config?: Json;
  /** Writes `onnx/model.onnx` as well; its weights beside it where `externalData` names a file, as those above 2 GB need. */
  readonly onnx?: Pick<ExportOptions, 'inputs' | 'forward' | 'int8' | 'metadata'> & { readonly externalData?: ExternalData };
}

/**
 * Writes a model folder in the layout of the Hugging Face hub: `model.safetensors`, and `config.json` and `onnx/model.onnx` where they are
 * asked for. Every file is written whole or not at all, and none before there is room for all; a kill may leave a folder without `onnx/model.onnx`,
 * but never a model beside the weights of another. Throws `CheckpointError` where the weights are not the model's or not finite, or
 * where the folder cannot be written, and `AutogradError` where the ONNX model is too large for the files asked for.
 *
 * @example await saveModel('./projector', model, { weights: await run.weights(), onnx: { inputs: { x: { type: 'float32', dims: ['batch', 768] } }, forward: ({ x }) => model(x!) } })
 */
export async function saveModel(folder: string, model: Module, { weights, float16, config, onnx }: SaveModelOptions): Promise<void> {
  const files = new Map<string, Uint8Array>();
  if (config !== undefined) files.set('config.json', new TextEncoder().encode(`${JSON.stringify(config, null, 2)}\n`));
  files.set('model.safetensors', serializeSafetensors(storedWeights(model, weights, float16), { format: 'pt' }));
  if (onnx !== undefined) {
    const { externalData, ...rest } = onnx;
    const options = { ...rest, weights, ...(float16 !== undefined && { float16 }) };
    if (externalData === undefined) files.set('onnx/model.onnx', exportOnnx(model, options));
    else {
      if (externalData.location === 'model.onnx')
        throw new CheckpointError({
          code: 'CHECKPOINT_NAME',
          message: "The weights cannot lie in 'model.onnx', which is the model's own file.",
          fix: "Name another file in 'externalData', such as 'model.onnx_data'.",
        });
      const parts = exportOnnx(model, { ...options, externalData });
      files.set(`onnx/${externalData.location}`, parts.data); // Before the model, which is of no use without it.
      files.set('onnx/model.onnx', parts.model);
    }
  }
  const paths = new Map([...files].map(([name, bytes]) => [join(folder, name), bytes]));
  for (const path of paths.keys()) await makeWeightsFolder(dirname(path));
  // A model of before would load with these weights, and compute nonsense.
  await writeWeightsFiles(paths, onnx?.externalData && join(folder, 'onnx/model.onnx'));
}
