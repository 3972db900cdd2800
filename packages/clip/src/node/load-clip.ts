import { basename, join, resolve } from 'node:path';
import type { Backend } from '@polymodal/autograd';
import { imageProcessor } from '@polymodal/image-patcher';
import { fingerprint, type TensorLike } from '@polymodal/modality-registry';
import { asFloat32, parseSafetensors, type Weights } from '@polymodal/nn';
import { loadTokenizer } from '@polymodal/text-tokenizer';
import { checkModelWeights } from '../check-fit.js';
import { type ClipSpace, clipSpace } from '../clip-space.js';
import { parseClipConfig } from '../config.js';
import { dualEncoder } from '../dual-encoder.js';
import { ClipError } from '../errors.js';
import { configFromOpenAI } from '../openai-config.js';
import { fromOpenAINames, hasOpenAINames } from '../openai-names.js';
import { folderFiles } from './folder.js';
import { inFile, missingFile, parseJson, readModelFile } from './model-file.js';

export interface LoadClipOptions {
  readonly backend: Backend;
  /** Items per run of the model; default 64. */
  readonly batchSize?: number;
}

/** Tensors under Hugging Face's names as the model takes them, without position ids, which older exports carry along. */
function toWeights(tensors: ReadonlyMap<string, TensorLike>): Weights {
  const kept = [...tensors].filter(([name]) => !name.endsWith('.position_ids'));
  return new Map(kept.map(([name, tensor]) => [name, asFloat32(name, tensor)]));
}

/** The colour that transparent pictures are laid on, where preprocessor_config.json names one. */
function readBackground({ background_color: value }: Readonly<Record<string, unknown>>): readonly number[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length !== 3 || !value.every((level) => Number.isInteger(level) && level >= 0 && level <= 255))
    throw new ClipError({
      code: 'CLIP_CONFIG',
      message: `'background_color' is ${JSON.stringify(value)}, but must be three levels from 0 to 255.`,
      fix: 'Use [255, 255, 255] for white.',
    });
  return value;
}

/**
 * Loads a CLIP model from a folder in the layout of the Hugging Face hub; OpenAI's weight names are understood too, and then config.json
 * may be absent. Nothing is read but the folder, and nothing is fetched.
 *
 * Throws {@link ClipError} `CLIP_FOLDER`, `CLIP_CONFIG`, `CLIP_WEIGHTS` or `CLIP_MISMATCH`, or one with the code of the tokenizer, image
 * processor or checkpoint reader that refused a file; each names the file, its fault and what to do.
 *
 * @example const space = await loadClip('./emoji-clip', { backend: onnxBackend(ort) });
 */
export async function loadClip(folder: string, options: LoadClipOptions): Promise<ClipSpace> {
  const [configBytes, ...rest] = await Promise.all([
    readModelFile(folder, folderFiles.config, { optional: true }),
    readModelFile(folder, folderFiles.weights),
    readModelFile(folder, folderFiles.tokenizer),
    readModelFile(folder, folderFiles.tokenizerConfig),
    readModelFile(folder, folderFiles.preprocessor),
  ]);
  const [weightBytes, tokenizerBytes, tokenizerConfigBytes, preprocessorBytes] = rest;
  const within = <T>(name: string, work: () => T): T => inFile(join(folder, name), work);

  const json = configBytes && within(folderFiles.config, () => parseClipConfig(parseJson(configBytes)));
  const stored = within(folderFiles.weights, () => parseSafetensors(weightBytes).tensors);
  const fromOpenAI = hasOpenAINames(stored);
  if (json === undefined && !fromOpenAI) throw missingFile(folder, folderFiles.config);
  const { model, weights } = within(folderFiles.weights, () => {
    const model = dualEncoder(json ?? configFromOpenAI(stored));
    const weights = toWeights(fromOpenAI ? fromOpenAINames(stored) : stored);
    checkModelWeights(model, weights);
    return { model, weights };
  });
  const tokenizer = within(folderFiles.tokenizer, () => loadTokenizer(tokenizerBytes, tokenizerConfigBytes));
  const { processor, background } = within(folderFiles.preprocessor, () => {
    const preprocessor = parseJson(preprocessorBytes);
    return { processor: imageProcessor(preprocessor), background: readBackground(preprocessor) };
  });
  return inFile(folder, () =>
    clipSpace({
      ...options,
      model,
      weights,
      tokenizer,
      processor,
      ...(background && { background }),
      space: {
        name: model.config.space_name ?? (basename(resolve(folder)) || 'clip'),
        fingerprint: fingerprint([configBytes ?? new Uint8Array(0), ...rest]),
      },
    }),
  );
}
