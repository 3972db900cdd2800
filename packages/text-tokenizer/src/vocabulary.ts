import { fileError } from './errors.js';

/** Tokens by id and ids by token. */
export interface Vocabulary {
  /** One more than the highest id: the number of rows that an embedding table needs. */
  readonly size: number;
  id(token: string): number | undefined;
  token(id: number): string | undefined;
  entries(): Iterable<readonly [token: string, id: number]>;
}

/** Ids need not be dense (files leave gaps), but a file of ten tokens may not ask for a table of two thousand million. */
const maximumSparseness = 16;

/**
 * A vocabulary of a Map, in which tokens named `__proto__` or `constructor` are ordinary; with `base`, of its tokens too.
 * Throws TOKENIZER_FILE when two tokens share an id, or ids are so sparse that a table of them would waste memory.
 */
export function mapVocabulary(ids: ReadonlyMap<string, number>, base?: Vocabulary): Vocabulary {
  let highest = (base?.size ?? 0) - 1;
  for (const id of ids.values()) if (id > highest) highest = id;
  const count = ids.size + (base?.size ?? 0);
  if (highest >= count * maximumSparseness + 65_536) {
    throw fileError(
      `the highest id is ${highest}, but there are only ${count} tokens: ids would leave huge gaps.`,
      'Check the ids in model.vocab and added_tokens.',
    );
  }
  const tokens: (string | undefined)[] = new Array(highest + 1 - (base?.size ?? 0));
  const first = base?.size ?? 0;
  const below = new Map<number, string>();
  const token = (id: number) => (id >= first ? tokens[id - first] : (below.get(id) ?? base!.token(id)));
  for (const [content, id] of ids) {
    const other = token(id);
    if (other !== undefined && other !== content) {
      throw fileError(
        `the tokens ${JSON.stringify(other)} and ${JSON.stringify(content)} both have id ${id}, but an id belongs to one token.`,
        'Check model.vocab and added_tokens.',
      );
    }
    if (id >= first) tokens[id - first] = content;
    else below.set(id, content);
  }
  return {
    size: highest + 1,
    id: base === undefined ? (content) => ids.get(content) : (content) => ids.get(content) ?? base.id(content),
    token: base === undefined ? (id) => tokens[id] : token,
    *entries() {
      for (const [content, id] of base?.entries() ?? []) if (!ids.has(content)) yield [content, id];
      yield* ids;
    },
  };
}
