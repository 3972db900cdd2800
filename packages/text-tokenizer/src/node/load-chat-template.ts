import { basename, join } from 'node:path';
import { type ChatTemplate, chatTemplate, type Jinja } from '../chat/index.js';
import { readTemplates } from '../chat/template-sources.js';
import { TokenizerError } from '../errors.js';
import { JsonReader } from '../json/json-reader.js';
import { parseJson } from '../json/parse-json.js';
import type { LoadOptions } from '../load-document.js';
import { openFolder } from './read-folder.js';

/** Where transformers puts the templates that are not the default. */
const more = 'additional_chat_templates';

/**
 * Loads the chat templates of a model's folder: chat_template.jinja and those beside it in additional_chat_templates, else chat_template.json,
 * else what tokenizer_config.json has. Needs the package @huggingface/jinja.
 *
 * Throws TOKENIZER_FILE when a file is damaged or there is no template, TOKENIZER_UNSUPPORTED when @huggingface/jinja is not installed.
 */
export async function loadChatTemplate(path: string, { limits }: LoadOptions = {}): Promise<ChatTemplate> {
  const jinja = await importJinja();
  const folder = await openFolder(path, limits);
  const text = async (from: typeof folder, name: string) => (await from.read(name))?.toString('utf8');
  const [config, specialTokensMap] = await Promise.all([folder.read('tokenizer_config.json'), folder.read('special_tokens_map.json')]);
  const configJson = config && parseJson(config, 'tokenizer_config.json', limits);
  const named = new Map(readTemplates(new JsonReader(configJson ?? {}, 'tokenizer_config.json')));
  const json = await folder.read('chat_template.json');
  if (json !== undefined) {
    const templates = readTemplates(new JsonReader(parseJson(json, 'chat_template.json', limits), 'chat_template.json'));
    for (const [name, template] of templates) named.set(name, template);
  }
  const main = await text(folder, 'chat_template.jinja');
  if (main !== undefined) named.set('default', main);
  if (folder.has(more)) {
    const others = await openFolder(join(path, more), limits);
    for (const name of others.names) if (name.endsWith('.jinja')) named.set(basename(name, '.jinja'), (await text(others, name))!);
  }
  return chatTemplate(configJson as Readonly<Record<string, unknown>> | undefined, {
    jinja,
    ...(named.size > 0 && { template: Object.fromEntries(named) }),
    ...(specialTokensMap !== undefined && { specialTokensMap }),
    ...(limits && { limits }),
  });
}

async function importJinja(): Promise<Jinja> {
  try {
    return await import('@huggingface/jinja');
  } catch (cause) {
    throw new TokenizerError({
      code: 'TOKENIZER_UNSUPPORTED',
      message: `chat templates need the package @huggingface/jinja, which cannot be loaded (${(cause as Error).message}).`,
      fix: 'Run npm install @huggingface/jinja.',
      cause,
    });
  }
}
