import type { TensorLike } from '@polymodal/modality-registry';
import { CheckpointError } from '../../checkpoint-error.js';
import { type ReadLimits, readBudget } from '../read-budget.js';
import { flattenTensors, follow, type PyTorchPath } from './flatten.js';
import type { PickledValue } from './pickle-value.js';
import { readTorchArchive } from './torch-archive.js';
import { isTorchLegacy, readTorchLegacy } from './torch-legacy.js';

export interface PyTorchOptions extends ReadLimits {
  /** Where the state dict lies in the file, such as `['state_dict']`; default: the whole file. */
  readonly path?: PyTorchPath;
  /** Whether checksums must hold; default true. Files saved under `set_crc32_options(False)` have none. */
  readonly checksums?: boolean;
}

export interface PyTorchFile {
  /** All tensors at `path`, under the keys and indices that lead to them, joined by dots; a sole tensor is named `tensor`. */
  readonly tensors: Map<string, TensorLike>;
  /** What lies at `path`, as it was saved. */
  readonly value: PickledValue;
}

/** Whether bytes begin as a ZIP archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5) && bytes[3] === bytes[2]! + 1;
}

/**
 * Reads what torch.save has written (`.pth`, `.pt`, `.bin`; the ZIP layout since PyTorch 1.6, the one before it, and the parameters of
 * TorchScript archives). Nothing is executed: tensors, numbers, texts and plain containers are read, and a file that refers to any other class
 * or function is refused by its name. bfloat16 is widened to float32; tensors are views into `bytes` where they are aligned and contiguous.
 *
 * Throws {@link CheckpointError} `CHECKPOINT_GLOBAL` for such a reference, `CHECKPOINT_PICKLE` for what is no state dict, `CHECKPOINT_DTYPE`
 * for complex and quantised tensors, `CHECKPOINT_SIZE` for what would take more than `maxBytes`, and others for damaged files.
 */
export async function parsePyTorch(bytes: Uint8Array, options: PyTorchOptions = {}): Promise<PyTorchFile> {
  const { path = [], checksums = true } = options;
  const budget = readBudget(bytes.length, options);
  let root: PickledValue;
  if (isZip(bytes)) root = await readTorchArchive(bytes, budget, checksums);
  else if (isTorchLegacy(bytes)) root = readTorchLegacy(bytes, budget);
  else
    throw new CheckpointError({
      code: 'CHECKPOINT_FORMAT',
      message: 'The file does not begin as torch.save writes it.',
      fix: 'Read any file by its content with parseCheckpoint; the tar archives of the first releases must be saved anew.',
    });
  const value = follow(root, path);
  return { tensors: flattenTensors(value), value };
}
