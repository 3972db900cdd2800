import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TokenizerError } from '../errors.js';
import type { Tokenizer } from '../tokenizer.js';

/**
 * Writes tokenizer.json and tokenizer_config.json into a folder, which is made if need be. Each file is written under another name, synced
 * and renamed, so that a killed process leaves no half file.
 * Throws TOKENIZER_FILE when the folder cannot be written, TOKENIZER_NOT_EXPRESSIBLE when the tokenizer has no such form.
 */
export async function saveTokenizer(tokenizer: Tokenizer, folder: string): Promise<void> {
  const files = { 'tokenizer_config.json': tokenizer.toConfigJSON(), 'tokenizer.json': tokenizer.toJSON() };
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeAtomically(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
  } catch (cause) {
    throw new TokenizerError({
      code: 'TOKENIZER_FILE',
      message: `the tokenizer cannot be saved in ${folder} (${(cause as Error).message}).`,
      fix: 'Choose a folder that can be written.',
      cause,
    });
  }
}

async function writeAtomically(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
