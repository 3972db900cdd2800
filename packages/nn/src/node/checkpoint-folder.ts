import { isDeepStrictEqual } from 'node:util';
import type { TensorLike } from '@polymodal/modality-registry';
import { CheckpointError, quoted } from '../checkpoint-error.js';
import type { CheckpointStore } from '../train.js';
import { type Json, loadCheckpoint, saveCheckpoint } from './checkpoint.js';

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
 * Keeps the checkpoints of `train()` in a folder: the last two good ones, each written whole or not at all.
 *
 * @example train(model, { …, checkpoint: checkpointFolder('./runs/projector', { config: { seed: 7, width: 64 } }) })
 */
export function checkpointFolder(folder: string, options: CheckpointFolderOptions = {}): CheckpointStore {
  const { onWarning = (warning) => process.emitWarning(warning, 'CheckpointWarning') } = options;
  const state: Json = { config: JSON.parse(JSON.stringify(options.config ?? null)) as Json };
  return {
    async load() {
      const found = await loadCheckpoint(folder);
      if (found === undefined) return undefined;
      if (!isDeepStrictEqual(found.state, state))
        throw new CheckpointError({
          code: 'CHECKPOINT_STATE',
          message: `${folder} holds a run of another configuration: ${JSON.stringify(found.state)}, not ${JSON.stringify(state)}.`,
          fix: 'Use another folder for this run, or set the configuration back.',
        });
      for (const warning of found.warnings) onWarning(warning);
      return { step: found.step, tensors: new Map([...found.tensors].map(([name, tensor]) => [name, float32(name, tensor)])) };
    },
    save: ({ step, tensors }) => saveCheckpoint(folder, { step, tensors, state }),
  };
}
