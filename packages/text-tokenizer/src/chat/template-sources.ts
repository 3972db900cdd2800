import type { JsonReader } from '../json/json-reader.js';

/** The roles that transformers passes to a template as variables. */
const roles = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

/** `chat_template` of a tokenizer_config.json, a chat_template.json or a processor_config.json: one text, or a list of named ones. */
export function readTemplates(json: JsonReader): ReadonlyMap<string, string> {
  const field = json.field('chat_template');
  if (field.absent) return new Map();
  if (typeof field.value === 'string') return new Map([['default', field.value]]);
  if (Array.isArray(field.value))
    return new Map(field.array(1000).map((item) => [item.field('name').string(), item.field('template').string()]));
  return new Map(Object.keys(field.object()).map((name) => [name, field.field(name).string()]));
}

/** The special tokens that a tokenizer_config.json names, as variables: `bos_token`, … and those of a model's own (`image_token`). */
export function readTokenVariables(config: JsonReader, map: JsonReader): Readonly<Record<string, string>> {
  const variables = new Map<string, string>();
  const read = (name: string, json: JsonReader) => {
    if (!json.absent) variables.set(name, typeof json.value === 'object' ? json.field('content').string() : json.string());
  };
  for (const json of [map, config]) {
    for (const role of roles) read(role, json.field(role));
    const extra = json.field('extra_special_tokens');
    // Newer files may list them instead.
    if (!extra.absent && !Array.isArray(extra.value)) for (const name of Object.keys(extra.object())) read(name, extra.field(name));
  }
  return Object.fromEntries(variables);
}
