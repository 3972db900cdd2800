import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../emoji/index.js';
import type { StarterSettings } from './settings.js';
import { writeText } from './write-text.js';

/** How the weights beside it came about, so that a model card tells of them and not of settings changed since. */
export interface TrainingRecord {
  readonly settings: StarterSettings;
  /** From the first step to the last; null where the run was stopped and went on later. */
  readonly minutes: number | null;
  /** Processor cores of the machine. */
  readonly cores: number;
}

const fileOf = (folder: string) => join(folder, 'training.json');

export async function writeTrainingRecord(folder: string, record: TrainingRecord): Promise<void> {
  await writeText(fileOf(folder), `${JSON.stringify(record, null, 2)}\n`);
}

/** @throws DataError `TRAINING_RECORD` */
export async function readTrainingRecord(folder: string): Promise<TrainingRecord> {
  try {
    return JSON.parse(await readFile(fileOf(folder), 'utf8')) as TrainingRecord;
  } catch (cause) {
    throw new DataError({
      code: 'TRAINING_RECORD',
      message: `${fileOf(folder)}, which says how the model was trained, cannot be read.`,
      fix: 'Train it with: npm run train:starter',
      cause,
    });
  }
}
