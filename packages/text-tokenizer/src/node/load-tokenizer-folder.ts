import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TokenizerError } from '../errors.js';
import type { LoadOptions } from '../load-document.js';
import { loadTokenizer as loadFromJson } from '../load-tokenizer.js';
import type { Tokenizer } from '../tokenizer.js';

/**
 * Loads tokenizer.json, and tokenizer_config.json where there is one, from a folder in the layout of the Hugging Face hub.
 * Throws TOKENIZER_FILE when there is no tokenizer.json, and what `loadTokenizer` throws.
 */
export async function loadTokenizer(folder: string, options: LoadOptions = {}): Promise<Tokenizer> {
  const [tokenizer, config] = await Promise.all([read(folder, 'tokenizer.json'), read(folder, 'tokenizer_config.json')]);
  if (tokenizer === undefined) {
    throw new TokenizerError({
      code: 'TOKENIZER_FILE',
      message: `${folder} has no tokenizer.json.`,
      fix: 'Give the folder of a model in the layout of the Hugging Face hub.',
    });
  }
  return loadFromJson(tokenizer, config, options);
}

async function read(folder: string, name: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new TokenizerError({
      code: 'TOKENIZER_FILE',
      message: `${join(folder, name)} cannot be read (${(cause as Error).message}).`,
      fix: 'Check its permissions.',
      cause,
    });
  }
}
