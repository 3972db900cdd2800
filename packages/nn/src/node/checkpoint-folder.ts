import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { TensorLike } from '@polymodal/modality-registry';
import { CheckpointError, quoted } from '../checkpoint-error.js';
import type { EvaluationProgress } from '../evaluation.js';
import { serializeSafetensors } from '../safetensors.js';
import type { CheckpointStore } from '../train.js';
import { type Json, loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { makeWeightsFolder, writeWeightsFile } from './write-files.js';

export interface CheckpointFolderOptions {
  /** What makes this run this run (sizes, seed, data); a folder of another run is refused. */
  readonly config?: Json;
  /** Hears of damaged checkpoints that were passed over; default: `process.emitWarning`. */
  readonly onWarning?: (warning: string) => void;
}

function float32(name: string, tensor: TensorLike): TensorLike<'float32'> {
  if (tensor.type === 'float32') return tensor as TensorLike<'float32'>;
  throw new CheckpointError({
    code: 'CHECKPOINT_DTYPE',
    message: `${quoted(name)} is ${tensor.type}, but training state is float32.`,
    fix: 'Resume from a checkpoint that train() saved.',
  });
}

/**
 * Keeps the checkpoints of `train()` in a folder: the last two good ones, and the weights of the best evaluation as `best.safetensors`, whose
 * metadata tell its step and results. Each is written whole or not at all.
 *
 * @example train(model, { …, checkpoint: checkpointFolder('./runs/projector', { config: { seed: 7, width: 64 } }) })
 */
export function checkpointFolder(folder: string, options: CheckpointFolderOptions = {}): CheckpointStore {
  const { onWarning = (warning) => process.emitWarning(warning, 'CheckpointWarning') } = options;
  const config = JSON.parse(JSON.stringify(options.config ?? null)) as Json;
  return {
    async load() {
      const found = await loadCheckpoint(folder);
      if (found === undefined) return undefined;
      // train() alone writes the state, under a checksum.
      const saved = found.state as { readonly config?: Json; readonly evaluation?: EvaluationProgress } | null;
      if (!isDeepStrictEqual(saved?.config, config))
        throw new CheckpointError({
          code: 'CHECKPOINT_STATE',
          message: `${folder} holds a run of another configuration: ${JSON.stringify(saved?.config)}, not ${JSON.stringify(config)}.`,
          fix: 'Use another folder for this run, or set the configuration back.',
        });
      for (const warning of found.warnings) onWarning(warning);
      const tensors = new Map([...found.tensors].map(([name, tensor]) => [name, float32(name, tensor)]));
      return { step: found.step, tensors, ...(saved?.evaluation && { evaluation: saved.evaluation }) };
    },
    save: ({ step, tensors, evaluation }) =>
      saveCheckpoint(folder, { step, tensors, state: { config, ...(evaluation && { evaluation: { ...evaluation } }) } }),
    async saveBest({ step, weights, results }) {
      await makeWeightsFolder(folder);
      const metadata = { format: 'pt', step: String(step), results: JSON.stringify(results) };
      await writeWeightsFile(join(folder, 'best.safetensors'), serializeSafetensors(weights, metadata));
    },
  };
}
