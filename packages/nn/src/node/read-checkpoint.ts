import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TensorLike } from '@polymodal/modality-registry';
import { CheckpointError, listed } from '../checkpoint-error.js';
import { type CheckpointContent, isSafetensors, parseCheckpoint } from '../formats/parse-checkpoint.js';
import type { PyTorchOptions } from '../formats/pytorch/pytorch.js';
import { parseShardIndex } from '../formats/shard-index.js';
import { fill, readWhole, withFile } from './read-file.js';
import { readOpenSafetensors } from './read-safetensors.js';

/** What a folder of the Hugging Face hub has its weights in, the best first. */
const usualNames = ['model.safetensors', 'model.safetensors.index.json', 'pytorch_model.bin', 'pytorch_model.bin.index.json'];

async function fileOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return path;
  const files = new Set(await readdir(path));
  const name = usualNames.find((usual) => files.has(usual));
  if (name !== undefined) return join(path, name);
  throw new CheckpointError({
    code: 'CHECKPOINT_FILE',
    message: `${path} has none of ${usualNames.join(', ')}${files.size > 0 ? `, but ${listed([...files].sort())}` : ''}.`,
    fix: 'Pass the path of the file that holds the weights.',
  });
}

/** JSON begins with its brace; in a safetensors file the first 8 bytes are a length, whose upper half is zero. */
const isIndex = (bytes: Uint8Array) => bytes[0] === 0x7b && bytes[7] !== 0;

type Found = CheckpointContent | { readonly shards: ReadonlyMap<string, readonly string[]> };

/** What a file holds: tensors, or the names of the files that do. */
function readFound(path: string, options: PyTorchOptions): Promise<Found> {
  return withFile<Found>(path, async (handle, size) => {
    const beginning = await fill(handle, new Uint8Array(Math.min(64, size)), 0);
    if (isIndex(beginning)) return { shards: parseShardIndex(await readWhole(handle, size)) };
    if (isSafetensors(beginning)) return { format: 'safetensors', ...(await readOpenSafetensors(handle, size)) };
    return parseCheckpoint(await readWhole(handle, size), options);
  });
}

function refuseOthers(path: string, { tensors }: CheckpointContent, names: readonly string[]): void {
  const expected = new Set(names);
  const missing = names.filter((name) => !tensors.has(name));
  const unexpected = [...tensors.keys()].filter((name) => !expected.has(name));
  if (missing.length > 0 || unexpected.length > 0)
    throw new CheckpointError({
      code: missing.length > 0 ? 'CHECKPOINT_MISSING' : 'CHECKPOINT_UNEXPECTED',
      message: `${path} ${missing.length > 0 ? `lacks ${listed(missing)}` : `holds ${listed(unexpected)}`}, unlike its index says.`,
      fix: 'The files are of different downloads; fetch all of them again.',
    });
}

async function readShards(
  index: string,
  shards: ReadonlyMap<string, readonly string[]>,
  options: PyTorchOptions,
): Promise<CheckpointContent> {
  const tensors = new Map<string, TensorLike>();
  let content: CheckpointContent = { format: 'safetensors', tensors, metadata: {} };
  for (const [file, names] of shards) {
    const path = join(dirname(index), file);
    const shard = await readFound(path, options);
    if ('shards' in shard)
      throw new CheckpointError({
        code: 'CHECKPOINT_FORMAT',
        message: `${path} is an index, but an index names it.`,
        fix: 'Pass that index.',
      });
    refuseOthers(path, shard, names);
    for (const [name, tensor] of shard.tensors) tensors.set(name, tensor);
    content = { format: shard.format, tensors, metadata: { ...content.metadata, ...shard.metadata } };
  }
  return content;
}

/**
 * Reads a checkpoint of any format by its content: a file, an index of a checkpoint in several files, or a folder that holds one under the
 * names of the Hugging Face hub. Tensors are views into what was read where they are aligned and contiguous.
 *
 * Throws {@link CheckpointError} that names the path: `CHECKPOINT_FILE` for what cannot be read, `CHECKPOINT_FORMAT` for what is no
 * checkpoint, `CHECKPOINT_MISSING` and `CHECKPOINT_UNEXPECTED` where files and index disagree, and what the format's own reader throws.
 *
 * @example const { tensors } = await readCheckpoint('./bert-base-uncased');
 */
export async function readCheckpoint(path: string, options: PyTorchOptions = {}): Promise<CheckpointContent> {
  const file = await fileOf(path);
  const found = await readFound(file, options);
  return 'shards' in found ? readShards(file, found.shards, options) : found;
}
