import { dirname, join } from 'node:path';
import type { TensorLike } from '@polymodal/modality-registry';
import { makeFolder, writeFileAtomic } from '@polymodal/modality-registry/node';
import { fromFloat16, quantizeWeights, serializeSafetensors, toFloat16, type Weights } from '@polymodal/nn';
import type { Tokenizer } from '@polymodal/text-tokenizer';
import type { DualEncoder } from '../dual-encoder.js';
import { ClipError } from '../errors.js';
import { exportTextModel, exportVisionModel, type StoredWeights } from '../export-onnx.js';
import { folderFiles } from './folder.js';

export interface SaveClipOptions {
  readonly model: DualEncoder;
  readonly weights: Weights;
  readonly tokenizer: Tokenizer;
  /** What preprocessor_config.json will hold. */
  readonly preprocessor: Readonly<Record<string, unknown>>;
}

/** Smaller tensors than this stay float16 in the quantised graphs: they weigh nothing, and biases and gains suffer most. */
const quantizeFrom = 512;

/** Rounds every weight to float16 once: all forms of the model then hold the same numbers. */
function halve(weights: Weights): Map<string, TensorLike<'float16'>> {
  return new Map([...weights].map(([name, { dims, data }]) => [name, { type: 'float16', dims, data: toFloat16(data) }]));
}

/** Matrices and kernels as int8 with a scale per output, all else as float16. */
function quantize(halves: ReadonlyMap<string, TensorLike<'float16'>>): StoredWeights {
  return new Map(
    [...halves].map(([name, half]) => {
      const isLarge = half.dims.length > 1 && half.data.length >= quantizeFrom;
      return [name, isLarge ? quantizeWeights(fromFloat16(half.data), half.dims, { axis: 0 }) : half];
    }),
  );
}

const json = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

/**
 * Writes a model folder in the layout of the Hugging Face hub, which `loadClip`, transformers.js and Python read alike. Weights are
 * rounded to float16 once, for both forms; the `_quantized` graphs that transformers.js takes by default are written beside them.
 * Every file is written whole or not at all. Throws {@link ClipError} `CLIP_WRITE` where the folder cannot be written.
 */
export async function saveClip(folder: string, { model, weights, tokenizer, preprocessor }: SaveClipOptions): Promise<void> {
  const halves = halve(weights);
  const quantized = quantize(halves);
  const files: Record<string, Uint8Array> = {
    [folderFiles.config]: json({ architectures: ['CLIPModel'], ...model.config }),
    [folderFiles.weights]: serializeSafetensors(halves, { format: 'pt' }),
    [folderFiles.tokenizer]: json(tokenizer.toJSON()),
    [folderFiles.tokenizerConfig]: json(tokenizer.toConfigJSON()),
    [folderFiles.preprocessor]: json(preprocessor),
    [folderFiles.textModel]: exportTextModel(model, halves),
    [folderFiles.visionModel]: exportVisionModel(model, halves),
    [folderFiles.quantizedTextModel]: exportTextModel(model, quantized),
    [folderFiles.quantizedVisionModel]: exportVisionModel(model, quantized),
  };
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name);
    try {
      await makeFolder(dirname(path));
      await writeFileAtomic(path, bytes);
    } catch (cause) {
      throw new ClipError({
        code: 'CLIP_WRITE',
        message: `${path} cannot be written (${(cause as Error).message}).`,
        fix: 'Choose a folder that may be written to, on a disk that has room.',
        cause,
      });
    }
  }
}
