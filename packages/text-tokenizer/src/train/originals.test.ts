import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { countWords } from './count-words.js';
import { learnMerges, SymbolCorpus } from './learn-merges.js';
import { lineWords } from './line-words.js';
import { Pace } from './pace.js';
import { trainDocument } from './train-document.js';
import type { TrainOptions } from './train-options.js';
import { trainTokenizer } from './train-tokenizer.js';

interface Golden {
  readonly lines: readonly string[];
  readonly heldOut: readonly string[];
  readonly bpe: { readonly vocabularySize: number; readonly vocabulary: readonly string[]; readonly merges: readonly string[] };
  readonly byteLevel: { readonly vocabularySize: number; readonly merges: readonly string[] };
  readonly wordPiece: { readonly vocabularySize: number; readonly vocabulary: readonly string[] };
  readonly sentencePieceUnigram: { readonly vocabularySize: number; readonly heldOutTokens: number; readonly pieces: readonly string[] };
  readonly sentencePieceBpe: { readonly vocabularySize: number; readonly heldOutTokens: number; readonly pieces: readonly string[] };
}

/** What the original trainers learn from the same lines. */
const golden = JSON.parse(readFileSync(new URL('../goldens/trainers.json', import.meta.url), 'utf8')) as Golden;

const modelOf = async (options: TrainOptions) =>
  (await trainDocument(golden.lines, options)).document.model as { merges: string[]; vocab: Record<string, number> | [string, number][] };

/** Which part of `wanted` is in `given`. */
const overlap = (given: Iterable<string>, wanted: readonly string[]) => {
  const set = new Set(given);
  return wanted.filter((piece) => set.has(piece)).length / wanted.length;
};

describe('the trainers of huggingface/tokenizers', () => {
  test('learn the same merges over characters, and give them the same ids', async () => {
    const { vocabularySize, vocabulary, merges } = golden.bpe;
    const model = await modelOf({
      kind: 'sentencepiece-bpe',
      vocabularySize,
      characterCoverage: 1,
      splitByScript: false,
      maximumPieceLength: 64,
    });
    expect(model.merges).toEqual(merges);
    const ids = model.vocab as Record<string, number>;
    expect(vocabulary.map((token) => ids[token])).toEqual(vocabulary.map((_, i) => 257 + i));
  });

  test('learn the same merges over bytes', async () => {
    const { vocabularySize, merges } = golden.byteLevel;
    expect((await modelOf({ kind: 'byte-level-bpe', vocabularySize })).merges).toEqual(merges);
  });

  test('learn the same WordPiece vocabulary', async () => {
    const { vocabularySize, vocabulary } = golden.wordPiece;
    // The original numbers ##-characters in the order of a hash table with a random seed, and so breaks ties; take over its order of one run.
    const symbols = vocabulary.filter((token, id) => id >= 5 && /^(##)?.$/su.test(token));
    const idOf = new Map(symbols.map((token, i) => [token, 5 + i]));
    const pace = new Pace({});
    const words = await countWords(golden.lines, lineWords({ type: 'BertNormalizer' }, { type: 'BertPreTokenizer' }), 1e6, pace);
    const corpus = await SymbolCorpus.of(
      words,
      (word, add) => add(Int32Array.from([...word], (character, i) => idOf.get(i === 0 ? character : `##${character}`)!)),
      pace,
    );
    const learnt = [...vocabulary.slice(0, 5), ...symbols];
    const join = (left: string, right: string) => left + right.slice(2);
    const merges = await learnMerges(corpus, {
      symbols: new Map(symbols.map((token, i) => [5 + i, token])),
      join,
      firstId: learnt.length,
      tokens: vocabularySize - learnt.length,
      minimumCount: 2,
      pace,
    });
    for (const { left, right, id } of merges) learnt[id] ??= join(learnt[left]!, learnt[right]!);
    expect(learnt).toEqual(vocabulary);

    // With our own order, which is the same on every run, only ties go another way.
    const model = await modelOf({ kind: 'wordpiece', vocabularySize });
    expect(Object.keys(model.vocab)).toHaveLength(vocabularySize);
    expect(overlap(Object.keys(model.vocab), vocabulary)).toBeGreaterThan(0.97);
  });
});

describe('the trainers of SentencePiece', () => {
  test.each([
    ['unigram', 'sentencePieceUnigram', 0.85],
    ['sentencepiece-bpe', 'sentencePieceBpe', 0.95],
  ] as const)('learn a %s that takes the same number of tokens, within 1 %%', async (kind, name, least) => {
    const { vocabularySize, heldOutTokens, pieces } = golden[name];
    // Theirs has <s> and </s> besides.
    const tokenizer = await trainTokenizer(golden.lines, {
      kind,
      vocabularySize,
      byteFallback: false,
      collapseSpaces: true,
      specialTokens: { additional: ['<s>', '</s>'] },
    });
    const tokens = golden.heldOut.reduce((sum, line) => sum + tokenizer.encode(line).ids.length, 0);
    expect(tokenizer.vocabularySize).toBe(vocabularySize);
    expect(tokens / heldOutTokens).toBeLessThan(1.01);
    const own = Array.from({ length: vocabularySize }, (_, id) => tokenizer.idToToken(id)!);
    expect(overlap(own, pieces)).toBeGreaterThan(least);
  });
});

test('byte-level BPE gives the very files that it gave when published models were trained with it', async () => {
  const { document, config } = await trainDocument(golden.lines, {
    kind: 'byte-level-bpe',
    vocabularySize: 1024,
    normalizer: ['NFKC', 'Lowercase'],
    addPrefixSpace: true,
    isolate: '[一-鿿㐀-䶿]',
    specialTokens: { padding: '<|padding|>', end: '<|endoftext|>' },
    modelMaxLength: 32,
  });
  const hash = createHash('sha256')
    .update(JSON.stringify([document, config]))
    .digest('hex');
  expect(hash).toBe('2d771d8259f89fe02388d4b160a953fb3ebff28426f2dc0c8ff6a6b6b886896f');
});
