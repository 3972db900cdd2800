import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { onnxBackend } from '@polymodal/autograd';
import type { ClipSpace } from '@polymodal/clip';
import { loadClip } from '@polymodal/clip/node';
import { CliError } from './cli-error.js';

export interface LoadedModel {
  readonly folder: string;
  readonly clip: ClipSpace;
  readonly loadMs: number;
}

/** The folder of the model to use: the one given, or the starter. */
export function modelFolder(given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  return join(dirname(createRequire(import.meta.url).resolve('@polymodal/starter/package.json')), 'model');
}

/** Loads a CLIP folder on ONNX Runtime. */
export async function loadModel(given: string | undefined): Promise<LoadedModel> {
  const start = performance.now();
  const folder = modelFolder(given);
  const ort = await import('onnxruntime-node').catch((cause: unknown) => {
    throw new CliError({
      code: 'RUNTIME_MISSING',
      message: 'ONNX Runtime, which runs the models, could not be loaded.',
      fix: 'Run: npm install onnxruntime-node',
      cause,
    });
  });
  const clip = await loadClip(folder, { backend: onnxBackend(ort) });
  return { folder, clip, loadMs: performance.now() - start };
}
