import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Backend } from '@polymodal/autograd';
import { imageProcessor } from '@polymodal/image-patcher';
import { fingerprint, type TensorLike } from '@polymodal/modality-registry';
import { checkWeights, fromFloat16, namedParameters, parseSafetensors } from '@polymodal/nn';
import { loadTokenizer } from '@polymodal/text-tokenizer';
import { type ClipSpace, clipSpace } from '../clip-space.js';
import { parseClipConfig } from '../config.js';
import { dualEncoder } from '../dual-encoder.js';
import { ClipError } from '../errors.js';
import { fromOpenAINames, hasOpenAINames } from '../openai-names.js';
import { folderFiles } from './folder.js';

export interface LoadClipOptions {
  readonly backend: Backend;
  /** Items per run of the model; default 64. */
  readonly batchSize?: number;
}

async function readModelFile(folder: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw new ClipError({
      code: 'CLIP_FOLDER',
      message: `the model folder ${folder} has no readable ${name}.`,
      fix: 'Pass a folder with config.json, model.safetensors, tokenizer.json and preprocessor_config.json, as the Hugging Face hub has them.',
      cause,
    });
  }
}

function parseJson(folder: string, name: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ClipError({
      code: 'CLIP_FOLDER',
      message: `${join(folder, name)} is not JSON.`,
      fix: 'Download or export the folder again.',
      cause,
    });
  }
}

function toFloat32(name: string, tensor: TensorLike): TensorLike<'float32'> {
  if (tensor.type === 'float32') return tensor as TensorLike<'float32'>;
  if (tensor.type === 'float16') return { type: 'float32', dims: tensor.dims, data: fromFloat16(tensor.data as Uint16Array) };
  throw new ClipError({
    code: 'CLIP_WEIGHTS',
    message: `weight '${name}' is ${tensor.type}.`,
    fix: 'Save the weights as F32, F16 or BF16.',
  });
}

/** Buffers that older exports of Hugging Face's CLIP carry along; they are no weights. */
const isBuffer = (name: string) => name.endsWith('.position_ids');

/** The colour that transparent pictures are laid on, where preprocessor_config.json names one. */
function backgroundOf(config: Readonly<Record<string, unknown>>): readonly number[] | undefined {
  const value = config.background_color;
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length !== 3 || !value.every((level) => Number.isInteger(level) && level >= 0 && level <= 255))
    throw new ClipError({
      code: 'CLIP_CONFIG',
      message: `preprocessor_config.json: 'background_color' is ${JSON.stringify(value)}, but must be three levels from 0 to 255.`,
      fix: 'Use [255, 255, 255] for white.',
    });
  return value;
}

/**
 * Loads a CLIP model from a folder in the layout of the Hugging Face hub; OpenAI's weight names are understood too.
 * Nothing is read but the folder, and nothing is fetched.
 *
 * Throws {@link ClipError} (`CLIP_FOLDER`, `CLIP_CONFIG`, `CLIP_WEIGHTS`) and the errors of the tokenizer, image processor and checkpoint readers,
 * all of which name the file's fault.
 *
 * @example const space = await loadClip('./emoji-clip', { backend: onnxBackend(ort) });
 */
export async function loadClip(folder: string, options: LoadClipOptions): Promise<ClipSpace> {
  const names = [folderFiles.config, folderFiles.weights, folderFiles.tokenizer, folderFiles.tokenizerConfig, folderFiles.preprocessor];
  const [configBytes, weightBytes, tokenizerBytes, tokenizerConfigBytes, preprocessorBytes] = (await Promise.all(
    names.map((name) => readModelFile(folder, name)),
  )) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const config = parseClipConfig(parseJson(folder, folderFiles.config, configBytes));
  const preprocessor = parseJson(folder, folderFiles.preprocessor, preprocessorBytes);
  const model = dualEncoder(config);
  const stored = new Map(
    [...parseSafetensors(weightBytes).tensors].filter(([name]) => !isBuffer(name)).map(([name, tensor]) => [name, toFloat32(name, tensor)]),
  );
  const weights = hasOpenAINames(stored) ? fromOpenAINames(stored) : stored;
  checkWeights(weights, new Map([...namedParameters(model)].map(([name, { dims }]) => [name, dims])));
  const background = backgroundOf(preprocessor);
  return clipSpace({
    ...options,
    model,
    weights,
    tokenizer: loadTokenizer(
      parseJson(folder, folderFiles.tokenizer, tokenizerBytes),
      parseJson(folder, folderFiles.tokenizerConfig, tokenizerConfigBytes),
    ),
    processor: imageProcessor(preprocessor),
    ...(background && { background }),
    space: {
      name: config.space_name ?? basename(resolve(folder)),
      fingerprint: fingerprint([configBytes, weightBytes, tokenizerBytes, tokenizerConfigBytes, preprocessorBytes]),
    },
  });
}
