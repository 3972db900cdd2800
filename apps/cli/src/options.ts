import { InvalidArgumentError } from 'commander';

/** Where an index goes unless told: below the folder that the command is run in. */
export const defaultIndex = '.polymodal/index.bin';

export interface CommonOptions {
  readonly json: boolean;
  readonly model?: string;
}

export interface IndexOptions extends CommonOptions {
  readonly index: string;
}

export function parseK(value: string): number {
  const k = Number(value);
  if (!Number.isInteger(k) || k < 1 || k > 1_000_000) throw new InvalidArgumentError('It must be a whole number from 1 to 1,000,000.');
  return k;
}
