import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PolymodalError } from '@polymodal/modality-registry';
import { ClipError } from '../errors.js';

export function missingFile(folder: string, name: string, cause?: unknown): ClipError {
  return new ClipError({
    code: 'CLIP_FOLDER',
    message: `the model folder ${folder} has no readable ${name}.`,
    fix: 'Pass a folder with config.json, model.safetensors, tokenizer.json, tokenizer_config.json and preprocessor_config.json, as the Hugging Face hub has them.',
    cause,
  });
}

/** The bytes of a file of a model folder. Throws {@link ClipError} `CLIP_FOLDER`. */
export function readModelFile(folder: string, name: string): Promise<Uint8Array>;
/** As before, but undefined for a file that is not there. */
export function readModelFile(folder: string, name: string, options: { readonly optional: true }): Promise<Uint8Array | undefined>;
export async function readModelFile(folder: string, name: string, { optional = false } = {}): Promise<Uint8Array | undefined> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    if (optional && (cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw missingFile(folder, name, cause);
  }
}

/** A JSON object. Throws {@link ClipError} `CLIP_FOLDER`. */
export function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw notJson(cause);
  }
  throw notJson();
}

const notJson = (cause?: unknown) =>
  new ClipError({ code: 'CLIP_FOLDER', message: 'the file is no JSON object.', fix: 'Download or export the folder again.', cause });

/** Does the work on a file; an error keeps its code and fix, and its message begins with the path. */
export function inFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw error;
    const { code, fix, message } = error;
    const bare = fix === undefined ? message : message.slice(0, -fix.length - 1);
    throw new ClipError({ code, message: `${path}: ${bare}`, ...(fix !== undefined && { fix }), cause: error });
  }
}
