import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TensorLike } from '@polymodal/modality-registry';
import { CheckpointError } from '../checkpoint-error.js';
import { parseSafetensors, serializeSafetensors } from '../safetensors.js';
import { readSafetensorsBytes } from './read-safetensors.js';
import { makeWeightsFolder, writeWeightsFile } from './write-files.js';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  /** Weights and optimiser state. */
  readonly tensors: ReadonlyMap<string, TensorLike>;
  /** What else the run needs to go on: data position, random state, configuration. */
  readonly state: Json;
}

export interface LoadedCheckpoint extends Checkpoint {
  /** One line per newer checkpoint that was damaged and passed over. */
  readonly warnings: readonly string[];
}

const unsealed = '0'.repeat(64);
const kept = 2;

const fileOf = (step: number) => `step-${String(step).padStart(9, '0')}.safetensors`;

/** The steps that a folder holds, newest first; none where there is no folder. */
async function stepsIn(folder: string): Promise<number[]> {
  const files = await readdir(folder).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return [];
    const message = `${folder} could not be listed: ${cause.message}.`;
    throw new CheckpointError({ code: 'CHECKPOINT_FILE', message, fix: 'Pass a folder that can be read.', cause });
  });
  const steps = files.map((file) => Number(/^step-(\d{9,16})\.safetensors$/.exec(file)?.[1])).filter(Number.isSafeInteger);
  return steps.filter((step) => files.includes(fileOf(step))).sort((a, b) => b - a);
}

/** Where the checksum stands in a file. The quotes of a key cannot occur inside a JSON string, so the first match is the key. */
function checksumPosition(bytes: Uint8Array, checksum: string): number {
  const key = '"sha256":"';
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(`${key}${checksum}"`);
  return at + key.length;
}

/** sha256 of a file, in hex, with zeros in place of its checksum. */
function checksumOf(bytes: Uint8Array, position: number): string {
  const hash = createHash('sha256').update(bytes.subarray(0, position)).update(unsealed);
  return hash.update(bytes.subarray(position + unsealed.length)).digest('hex');
}

function stateText(state: Json): string {
  const refuse = (message: string, cause?: unknown) =>
    new CheckpointError({
      code: 'CHECKPOINT_STATE',
      message,
      fix: 'Keep to JSON: null, booleans, finite numbers, strings, lists, objects.',
      cause,
    });
  const check = (key: string, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value))
      throw refuse(`The state holds ${value} at ${JSON.stringify(key)}, which JSON has not.`);
    return value;
  };
  let text: string | undefined;
  try {
    text = JSON.stringify(state, check);
  } catch (cause) {
    throw cause instanceof CheckpointError ? cause : refuse('The state is not JSON.', cause);
  }
  if (text === undefined) throw refuse(`The state is ${typeof state}, not JSON.`);
  return text;
}

function seal({ step, tensors, state }: Checkpoint): Uint8Array {
  if (!Number.isSafeInteger(step) || step < 0)
    throw new CheckpointError({
      code: 'CHECKPOINT_STEP',
      message: `The step is ${step}.`,
      fix: 'Pass the number of steps done: 0, 1, 2 …',
    });
  const metadata = { format: 'polymodal-checkpoint-1', sha256: unsealed, state: stateText(state), step: String(step) };
  const bytes = serializeSafetensors(tensors, metadata);
  const position = checksumPosition(bytes, unsealed);
  bytes.set(Buffer.from(checksumOf(bytes, position)), position);
  return bytes;
}

async function readCheckpoint(folder: string, step: number): Promise<Checkpoint> {
  const path = join(folder, fileOf(step));
  const bytes = await readSafetensorsBytes(path);
  const { tensors, metadata } = parseSafetensors(bytes);
  const { sha256 = '', state } = metadata;
  const sealed = sha256.length === unsealed.length && checksumOf(bytes, checksumPosition(bytes, sha256)) === sha256;
  if (!sealed || state === undefined || metadata.step !== String(step))
    throw new CheckpointError({
      code: 'CHECKPOINT_DAMAGED',
      message: `${path} does not match its checksum.`,
      fix: 'Restore it from a copy, or delete it.',
    });
  return { step, tensors, state: JSON.parse(state) as Json };
}

/** An unreadable file may be good, so it is neither counted on nor deleted. */
async function inspect(folder: string, step: number): Promise<'good' | 'damaged' | 'unreadable'> {
  try {
    await readCheckpoint(folder, step);
    return 'good';
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    return error.code === 'CHECKPOINT_FILE' ? 'unreadable' : 'damaged';
  }
}

const remove = (folder: string, step: number) => rm(join(folder, fileOf(step)), { force: true });

/** Later checkpoints that a run passed over as damaged go; a good one belongs to another run, or to this one's future, and must not. */
async function damagedAfter(folder: string, step: number): Promise<number[]> {
  const damaged: number[] = [];
  for (const later of (await stepsIn(folder)).filter((other) => other > step)) {
    const found = await inspect(folder, later);
    if (found === 'damaged') damaged.push(later);
    if (found === 'good')
      throw new CheckpointError({
        code: 'CHECKPOINT_STEP',
        message: `Step ${step} would be saved to ${folder}, which holds the later step ${later}.`,
        fix: 'Load that checkpoint and go on from it, or save to another folder.',
      });
  }
  return damaged;
}

/** Leaves the last two good checkpoints: a file is deleted only when two newer ones are known to be good. */
async function prune(folder: string, step: number): Promise<void> {
  const earlier = (await stepsIn(folder)).filter((other) => other < step);
  if (earlier.length < kept) return;
  let good = 1; // the one just written
  for (const other of earlier) {
    const found = good < kept ? await inspect(folder, other) : 'superseded';
    if (found === 'good') good++;
    else if (found !== 'unreadable') await remove(folder, other);
  }
}

/**
 * Saves a training checkpoint as one safetensors file with a checksum, atomically, and keeps the last two good ones: whenever the process is
 * killed, the folder holds a good one. One process saves to a folder at a time. The tensors may change as soon as the call returns its promise.
 * Throws {@link CheckpointError}, among others `CHECKPOINT_STEP` where the folder holds a later step.
 */
export async function saveCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const bytes = seal(checkpoint);
  const { step } = checkpoint;
  await makeWeightsFolder(folder);
  const damaged = await damagedAfter(folder, step);
  await writeWeightsFile(join(folder, fileOf(step)), bytes);
  for (const later of damaged) await remove(folder, later);
  await prune(folder, step);
}

/**
 * Loads the newest good checkpoint of a folder, or undefined where it holds none. One that is damaged is passed over, and `warnings` says so.
 * Throws {@link CheckpointError} `CHECKPOINT_DAMAGED` where none is good.
 */
export async function loadCheckpoint(folder: string): Promise<LoadedCheckpoint | undefined> {
  const warnings: string[] = [];
  for (const step of await stepsIn(folder)) {
    try {
      const checkpoint = await readCheckpoint(folder, step);
      return { ...checkpoint, warnings };
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      warnings.push(`Step ${step} was passed over. ${error.message}`);
    }
  }
  if (warnings.length === 0) return undefined;
  const fix = 'Restore the folder from a copy, or begin again in an empty one.';
  throw new CheckpointError({ code: 'CHECKPOINT_DAMAGED', message: `${folder} holds no good checkpoint. ${warnings.join(' ')}`, fix });
}
