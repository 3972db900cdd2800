import { join } from 'node:path';
import { makeFolder, writeFileAtomic } from '@polymodal/modality-registry/node';
import { fileError } from '../errors.js';
import type { Tokenizer } from '../tokenizer.js';

/**
 * Writes tokenizer.json and tokenizer_config.json into a folder, which is made if need be; each file whole or not at all.
 * Throws TOKENIZER_FILE when the folder cannot be written, TOKENIZER_NOT_EXPRESSIBLE when the tokenizer has no such form.
 */
export async function saveTokenizer(tokenizer: Tokenizer, folder: string): Promise<void> {
  const files = { 'tokenizer_config.json': tokenizer.toConfigJSON(), 'tokenizer.json': tokenizer.toJSON() };
  try {
    await makeFolder(folder);
    for (const [name, content] of Object.entries(files)) await writeFileAtomic(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
  } catch (cause) {
    throw fileError(
      `the tokenizer cannot be saved in ${folder} (${(cause as Error).message}).`,
      'Choose a folder that can be written.',
      cause,
    );
  }
}
