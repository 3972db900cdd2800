import { TokenizerError } from '../../src/errors.js';
import { loadTokenizer } from '../../src/load-tokenizer.js';
import type { Tokenizer } from '../../src/tokenizer.js';
import { damageBytes, damageJson } from './damage.js';
import { Dice } from './dice.js';
import { exercise } from './exercise.js';
import { makeDocument } from './tokenizer-document.js';

/** A parser of outside files: what makes a file for it, good or half good, and what reads it. */
export interface FuzzedParser {
  readonly make: (dice: Dice) => Uint8Array;
  readonly load: (file: Uint8Array) => Tokenizer;
}

const toJsonBytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

function damagedDocument(dice: Dice): Uint8Array {
  let document: unknown = makeDocument(dice);
  for (let changes = dice.integer(3); changes > 0; changes--) document = damageJson(document, dice);
  return toJsonBytes(document);
}

export const parsers: Readonly<Record<string, FuzzedParser>> = {
  'tokenizer.json': { make: damagedDocument, load: (file) => loadTokenizer(file) },
};

/** The input of one run: of itself as the parser's `make` gives it, in a third of the runs with damaged bytes. */
export function fuzzInput(name: string, seed: number, run: number): Uint8Array {
  const dice = new Dice(seed, name, run);
  const file = parsers[name]!.make(dice);
  return dice.chance(1 / 3) ? damageBytes(file, dice) : file;
}

/** Loads a file, and encodes and decodes with what it gives. Throws whatever is not a TokenizerError: that is what the fuzz looks for. */
export function fuzzOne(name: string, file: Uint8Array, run: number): 'accepted' | 'refused' {
  const { load } = parsers[name]!;
  let tokenizer: Tokenizer;
  try {
    tokenizer = load(file);
  } catch (error) {
    if (error instanceof TokenizerError) return 'refused';
    throw error;
  }
  exercise(tokenizer, new Dice(0, name, run));
  return 'accepted';
}
