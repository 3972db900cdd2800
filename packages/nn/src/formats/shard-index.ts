import { CheckpointError, quoted } from '../checkpoint-error.js';
import { headerError, isRecord, parseJson } from '../safetensors-header.js';

/** More than any index has: a name of 100 characters for a million tensors. */
const maxIndexLength = 100_000_000;

/** A plain file name: what an index names lies beside it, and nowhere else. */
function isFileName(name: unknown): name is string {
  return typeof name === 'string' && /^[^/\\:\0]+$/.test(name) && name !== '.' && name !== '..';
}

/**
 * Reads an index of a checkpoint in several files (`model.safetensors.index.json` of the Hugging Face hub): which tensors each file holds.
 *
 * Throws {@link CheckpointError} `CHECKPOINT_HEADER` for what is no such index, for names that occur twice, and for files elsewhere.
 */
export function parseShardIndex(bytes: Uint8Array): Map<string, string[]> {
  if (bytes.length > maxIndexLength) throw headerError(`The index has ${bytes.length} bytes; readable are ${maxIndexLength}.`);
  const { weight_map: files } = parseJson(bytes);
  if (!isRecord(files)) throw headerError('The index has no "weight_map" from tensors to files.');
  const shards = new Map<string, string[]>();
  for (const [name, file] of Object.entries(files)) {
    if (!isFileName(file))
      throw new CheckpointError({
        code: 'CHECKPOINT_HEADER',
        message: `The index says that ${quoted(name)} is in ${quoted(String(file))}, which is no file beside it.`,
        fix: 'Keep the index and its files in one folder, without paths.',
      });
    const names = shards.get(file);
    if (names === undefined) shards.set(file, [name]);
    else names.push(name);
  }
  return shards;
}
