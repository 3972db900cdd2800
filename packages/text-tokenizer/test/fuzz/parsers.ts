import { clipTokenizer } from '../../src/clip/index.js';
import { TokenizerError } from '../../src/errors.js';
import { loadTokenizer } from '../../src/load-tokenizer.js';
import { loadSentencePiece } from '../../src/sentencepiece/index.js';
import { loadTiktoken } from '../../src/tiktoken/index.js';
import type { Tokenizer } from '../../src/tokenizer.js';
import { loadVocabAndMerges } from '../../src/vocab-files/index.js';
import { loadWordPiece } from '../../src/wordpiece/index.js';
import { damageBytes, damageJson } from './damage.js';
import { Dice } from './dice.js';
import { exercise } from './exercise.js';
import { makeSentencePieceModel } from './sentencepiece-model.js';
import { makeMergesTxt, makeTiktoken, makeVocabTxt, vocabOfMerges } from './text-files.js';
import { makeConfig, makeDocument } from './tokenizer-document.js';

/** A parser of outside files: what makes a file for it, good or half good, and what reads it. */
export interface FuzzedParser {
  readonly make: (dice: Dice) => Uint8Array;
  /** Options come from the dice. */
  readonly load: (file: Uint8Array, dice: Dice) => Tokenizer;
}

const toJsonBytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

function damaged(document: unknown, dice: Dice): Uint8Array {
  let result = document;
  for (let changes = dice.integer(3); changes > 0; changes--) result = damageJson(result, dice);
  return toJsonBytes(result);
}

const patterns = [
  "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  '\\w+|[^\\w]',
  '.+',
];
const goodDocument = makeDocument(new Dice(1, 'good', 0));

export const parsers: Readonly<Record<string, FuzzedParser>> = {
  'tokenizer.json': { make: (dice) => damaged(makeDocument(dice), dice), load: (file) => loadTokenizer(file) },
  'tokenizer_config.json': { make: (dice) => damaged(makeConfig(dice), dice), load: (file) => loadTokenizer(goodDocument, file) },
  '.tiktoken': {
    make: makeTiktoken,
    load: (file, dice) => loadTiktoken(file, { pattern: dice.pick(patterns), specialTokens: { '<|img|>': 1_000, '<s>': 1_001 } }),
  },
  'SentencePiece .model': {
    make: makeSentencePieceModel,
    load: (file, dice) => loadSentencePiece(file, { addBegin: dice.chance(0.5), addEnd: dice.chance(0.5) }),
  },
  'vocab.txt': {
    make: makeVocabTxt,
    load: (file, dice) => loadWordPiece(file, { lowercase: dice.chance(0.5), compat: dice.pick(['hf', 'google']) }),
  },
  'merges.txt': {
    make: makeMergesTxt,
    load: (file, dice) =>
      loadVocabAndMerges(vocabOfMerges(file, dice), file, { kind: dice.pick(['gpt2', 'roberta', 'clip', 'whisper', 'qwen2']) }),
  },
  "CLIP's merges": { make: makeMergesTxt, load: (merges, dice) => clipTokenizer({ merges, compat: dice.pick(['openai', 'hf']) }) },
};

/** The input of one run: of itself as the parser's `make` gives it, in a third of the runs with damaged bytes. */
export function fuzzInput(name: string, seed: number, run: number): Uint8Array {
  const dice = new Dice(seed, name, run);
  const file = parsers[name]!.make(dice);
  return dice.chance(1 / 3) ? damageBytes(file, dice) : file;
}

/** Every so many runs a text is long, so that quadratic time shows. */
const longEvery = 500;

/** Loads a file, and encodes and decodes with what it gives. Throws whatever is not a TokenizerError: that is what the fuzz looks for. */
export function fuzzOne(name: string, file: Uint8Array, run: number, long = run % longEvery === 0): 'accepted' | 'refused' {
  const dice = new Dice(0, name, run);
  let tokenizer: Tokenizer;
  try {
    tokenizer = parsers[name]!.load(file, dice);
  } catch (error) {
    if (error instanceof TokenizerError) return 'refused';
    throw error;
  }
  exercise(tokenizer, dice, long);
  return 'accepted';
}
