import { type AddedTokenJson, addedTokenJson } from '../json/document.js';
import type { JsonReader } from '../json/json-reader.js';
import { defaultSpecialTokens, type Role, roles, type SpecialIds, type SpecialToken, type VocabKind } from './kinds.js';

export interface AddedTokens {
  /** In the order of their ids. */
  readonly tokens: readonly AddedTokenJson[];
  readonly special: SpecialIds;
  /** The special tokens as a tokenizer_config.json names them. */
  readonly names: Readonly<Partial<Record<Role, string>>>;
}

interface Files {
  readonly config: JsonReader;
  readonly map: JsonReader;
  readonly added: JsonReader;
}

/**
 * The added tokens of a folder without a tokenizer.json: those of added_tokens.json and `added_tokens_decoder`, and the special ones that
 * tokenizer_config.json, else special_tokens_map.json, else the kind itself names. A special token that has no id yet gets the next one.
 */
export function readAddedTokens(kind: VocabKind, vocabulary: ReadonlyMap<string, number>, { config, map, added }: Files): AddedTokens {
  const tokens = new Map<string, AddedTokenJson>();
  const put = (token: SpecialToken, id: number, special: boolean) =>
    tokens.set(token.content, addedTokenJson([token.content, id], { normalized: !special, special, ...token }));

  for (const content of Object.keys(added.object())) put({ content }, added.field(content).integer(), false);
  const decoder = config.field('added_tokens_decoder');
  const decoded = new Set<string>();
  if (!decoder.absent) {
    for (const id of Object.keys(decoder.object())) {
      const entry = decoder.field(id);
      if (!/^\d{1,9}$/.test(id)) throw entry.error('should be named by an id.');
      const token = readToken(entry);
      decoded.add(token.content);
      put(token, Number(id), entry.field('special').boolean(false));
    }
  }

  let next = 0;
  for (const id of vocabulary.values()) next = Math.max(next, id + 1);
  for (const { id } of tokens.values()) next = Math.max(next, id + 1);
  const names = new Map<Role, string>();
  const special = (token: SpecialToken) => {
    // What `added_tokens_decoder` says in full is not said better elsewhere.
    if (decoded.has(token.content)) return;
    put(token, tokens.get(token.content)?.id ?? vocabulary.get(token.content) ?? next++, true);
  };
  const named = (role: Role) => [config, map].map((json) => json.field(role)).find((json) => !json.absent);
  const use = (role: Role, token: SpecialToken) => {
    names.set(role, token.content);
    special(token);
  };
  // The kind's own tokens count only where the vocabulary has them, and first: files may say more of the same token.
  for (const role of roles) {
    const token = named(role) === undefined ? defaultSpecialTokens[kind][role] : undefined;
    if (token !== undefined && (vocabulary.has(token.content) || tokens.has(token.content))) use(role, token);
  }
  for (const role of roles) {
    const json = named(role);
    if (json !== undefined) use(role, readToken(json));
  }
  for (const list of [config, map].map((json) => json.field('additional_special_tokens'))) {
    if (!list.absent) for (const item of list.array(100_000)) special(readToken(item));
  }

  const find = (content: string, json: JsonReader): readonly [string, number] => {
    const id = tokens.get(content)?.id ?? vocabulary.get(content);
    if (id === undefined) throw json.error(`names no ${content}, and vocab.json and added_tokens.json have none.`);
    return [content, id];
  };
  return {
    tokens: [...tokens.values()].sort((a, b) => a.id - b.id),
    special: {
      role: (role) => find(names.get(role) ?? defaultSpecialTokens[kind][role]?.content ?? role, config),
      token: (content) => find(content, config),
    },
    names: Object.fromEntries(names),
  };
}

/** A token is written as its text, or as an object with its flags. */
function readToken(json: JsonReader): SpecialToken {
  if (typeof json.value === 'string') return { content: json.value };
  const flag = (name: 'lstrip' | 'rstrip' | 'single_word' | 'normalized') =>
    json.field(name).absent ? {} : { [name]: json.field(name).boolean(false) };
  return { content: json.field('content').string(), ...flag('lstrip'), ...flag('rstrip'), ...flag('single_word'), ...flag('normalized') };
}
