import type { TensorLike } from '@polymodal/modality-registry';
import { CheckpointError } from '../checkpoint-error.js';
import { parseSafetensors } from '../safetensors.js';
import { parseNpy } from './numpy/npy.js';
import { isNpy } from './numpy/npy-header.js';
import { parseNpz } from './numpy/npz.js';
import { soleName } from './pytorch/flatten.js';
import { isZip, type PyTorchOptions, parsePyTorch } from './pytorch/pytorch.js';
import { torchRoot } from './pytorch/torch-archive.js';
import { isTorchLegacy } from './pytorch/torch-legacy.js';
import { readZipDirectory } from './zip/zip-directory.js';

export type CheckpointFormat = 'safetensors' | 'npy' | 'npz' | 'pytorch';

export interface CheckpointContent {
  readonly format: CheckpointFormat;
  readonly tensors: Map<string, TensorLike>;
  /** What a safetensors file says beside its tensors. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Whether bytes begin as a safetensors file does: behind the header's length, its brace. */
export function isSafetensors(bytes: Uint8Array): boolean {
  return bytes[8] === 0x7b && !isNpy(bytes) && !isZip(bytes) && !isTorchLegacy(bytes);
}

/** What kind of checkpoint bytes are, whatever their file is called; undefined where it is none that can be read. */
function sniffCheckpoint(bytes: Uint8Array): CheckpointFormat | undefined {
  if (isNpy(bytes)) return 'npy';
  if (isZip(bytes)) return torchRoot(readZipDirectory(bytes).map(({ name }) => name)) === undefined ? 'npz' : 'pytorch';
  if (isTorchLegacy(bytes)) return 'pytorch';
  return isSafetensors(bytes) ? 'safetensors' : undefined;
}

/**
 * Reads a checkpoint of any format by its content: safetensors, .npy (whose array is named `tensor`), .npz, or what torch.save wrote.
 *
 * Throws {@link CheckpointError} `CHECKPOINT_FORMAT` for what is none of them, and what the format's own reader throws.
 */
export async function parseCheckpoint(bytes: Uint8Array, options: PyTorchOptions = {}): Promise<CheckpointContent> {
  const format = sniffCheckpoint(bytes);
  switch (format) {
    case 'safetensors':
      return { format, ...parseSafetensors(bytes) };
    case 'npy':
      return { format, tensors: new Map([[soleName, parseNpy(bytes)]]), metadata: {} };
    case 'npz':
      return { format, tensors: await parseNpz(bytes, options), metadata: {} };
    case 'pytorch':
      return { format, tensors: (await parsePyTorch(bytes, options)).tensors, metadata: {} };
    default:
      throw new CheckpointError({
        code: 'CHECKPOINT_FORMAT',
        message: 'The bytes begin as no checkpoint that can be read: safetensors, .npy, .npz, or what torch.save writes.',
        fix: 'Save the weights as safetensors.',
      });
  }
}
