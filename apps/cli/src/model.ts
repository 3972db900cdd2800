import { resolve } from 'node:path';
import { onnxBackend } from '@polymodal/autograd';
import type { ClipSpace } from '@polymodal/clip';
import { loadClip } from '@polymodal/clip/node';
import { starterFolder } from '@polymodal/starter/node';
import { CliError } from './cli-error.js';

export interface LoadedModel {
  readonly folder: string;
  readonly clip: ClipSpace;
  readonly loadMs: number;
}

/** Loads a CLIP folder, the starter unless another is given, on ONNX Runtime. */
export async function loadModel(given: string | undefined): Promise<LoadedModel> {
  const start = performance.now();
  const folder = given === undefined ? starterFolder : resolve(given);
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
