import { bpeJson } from '../json/document.js';
import type { Lines } from './count-words.js';
import { learnMerges, SymbolCorpus } from './learn-merges.js';
import type { Pace } from './pace.js';
import { sentencePieceLayout } from './sentencepiece-layout.js';
import type { TrainedFiles } from './train-document.js';
import type { SentencePieceBpeTrainOptions } from './train-options.js';

/** BPE over characters as SentencePiece has it, Llama's kind: merges between characters, bytes for what is left. */
export async function trainSentencePieceBpe(
  lines: Lines,
  options: SentencePieceBpeTrainOptions,
  maximumWords: number,
  pace: Pace,
): Promise<TrainedFiles> {
  const layout = sentencePieceLayout(options, { normalizer: [], collapseSpaces: false, byteFallback: true });
  const { first } = layout;
  const { words, alphabet } = await layout.count(lines, maximumWords, pace);

  const tokens = [...first, ...alphabet];
  const idOf = new Map(alphabet.map((character, i) => [character, first.length + i]));
  // What is not covered ends a run: bytes, or the unknown token, stand there when such a word is encoded.
  const spell = (word: string, add: (symbols: Int32Array) => void) => {
    let run: number[] = [];
    for (const character of word) {
      const id = idOf.get(character);
      if (id !== undefined) run.push(id);
      else {
        add(Int32Array.from(run));
        run = [];
      }
    }
    add(Int32Array.from(run));
  };
  const corpus = await SymbolCorpus.of(words, spell, pace);
  const merges = await learnMerges(corpus, {
    symbols: new Map(alphabet.map((character, i) => [first.length + i, character])),
    reserved: new Set(first),
    firstId: tokens.length,
    tokens: options.vocabularySize - tokens.length,
    minimumCount: options.minimumCount ?? 2,
    longest: options.maximumPieceLength ?? 16,
    pace,
  });
  const written = merges.map(({ left, right, id }) => {
    tokens[id] ??= tokens[left]! + tokens[right]!;
    return `${tokens[left]} ${tokens[right]}`;
  });
  return layout.files(
    bpeJson({
      unk_token: layout.unknown,
      fuse_unk: true,
      byte_fallback: layout.byteFallback,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: written,
    }),
  );
}
