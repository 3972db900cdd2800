import { PolymodalError } from '@polymodal/modality-registry';

/**
 * What `@polymodal/nn` throws about models and training. Codes: `NN_CONDITION`, `NN_CONFIG`, `NN_DROPOUT`, `NN_HEADS`, `NN_INPUT`,
 * `NN_LORA`, `NN_PARAMETER`, `TRAIN_BATCH`, `TRAIN_BOUNDS`, `TRAIN_CHECKPOINT`, `TRAIN_GROUPS`, `TRAIN_LOOP`, `TRAIN_NOTHING`, `TRAIN_NOT_FINITE`,
 * `TRAIN_OPTIONS`, `TRAIN_RELEASED`, `TRAIN_REMATERIALIZE`, `TRAIN_WEIGHTS`, `TRAIN_WORKER`.
 */
export class TrainingError extends PolymodalError {}

export function releasedError(): TrainingError {
  return new TrainingError({
    code: 'TRAIN_RELEASED',
    message: 'the training run has been released.',
    fix: 'Read weights and state before release(), or start a new run.',
  });
}
