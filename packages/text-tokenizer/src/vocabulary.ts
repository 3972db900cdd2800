import { TokenizerError } from './errors.js';

/** Ids need not be dense (files leave gaps), but a file of ten tokens may not ask for a table of two thousand million. */
const maximumSparseness = 16;

/** Tokens by id and ids by token; two maps, so that tokens named `__proto__` or `constructor` are ordinary. */
export class Vocabulary {
  readonly #ids: Map<string, number>;
  readonly #tokens: (string | undefined)[] = [];

  /** Throws TOKENIZER_FILE when two tokens share an id, or ids are so sparse that a table of them would waste memory. */
  constructor(entries: Iterable<readonly [token: string, id: number]>) {
    this.#ids = new Map(entries);
    let highest = -1;
    for (const id of this.#ids.values()) if (id > highest) highest = id;
    if (highest >= this.#ids.size * maximumSparseness + 65_536) {
      throw new TokenizerError({
        code: 'TOKENIZER_FILE',
        message: `the highest id is ${highest}, but there are only ${this.#ids.size} tokens: ids would leave huge gaps.`,
        fix: 'Check the ids in model.vocab and added_tokens.',
      });
    }
    for (const [token, id] of this.#ids) {
      const other = this.#tokens[id];
      if (other !== undefined) {
        throw new TokenizerError({
          code: 'TOKENIZER_FILE',
          message: `the tokens ${JSON.stringify(other)} and ${JSON.stringify(token)} both have id ${id}, but an id belongs to one token.`,
          fix: 'Check model.vocab and added_tokens.',
        });
      }
      this.#tokens[id] = token;
    }
  }

  /** One more than the highest id: the number of rows that an embedding table needs. */
  get size(): number {
    return this.#tokens.length;
  }

  id(token: string): number | undefined {
    return this.#ids.get(token);
  }

  token(id: number): string | undefined {
    return this.#tokens[id];
  }

  entries(): IterableIterator<[token: string, id: number]> {
    return this.#ids.entries();
  }
}
