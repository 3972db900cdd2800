import { conformance } from '@polymodal/modality-registry/conformance';
import { loadTokenizer as loadByteLevel } from '../src/byte-level/index.js';
import { clipTokenizer } from '../src/clip/index.js';
import clipLike from '../src/goldens/bpe_cliplike.json';
import cl100kLike from '../src/goldens/bytelevel_cl100klike.json';
import gpt2Like from '../src/goldens/bytelevel_gpt2like.json';
import clipGoldens from '../src/goldens/clip-openai.json';
import miniGoldens from '../src/goldens/mini-tokenizers.json';
import llamaLike from '../src/goldens/spbpe_llamalike_legacy.json';
import t5Like from '../src/goldens/unigram_t5like.json';
import bertLike from '../src/goldens/wordpiece_lower.json';
import { loadTokenizer, type Tokenizer, tokenizerPlugin, trainTokenizer } from '../src/index.js';
import { loadSentencePiece } from '../src/sentencepiece/index.js';
import { loadTiktoken } from '../src/tiktoken/index.js';
import { loadWordPiece } from '../src/wordpiece/index.js';
import { Dice } from './fuzz/dice.js';
import { makeSentencePieceModel } from './fuzz/sentencepiece-model.js';

const samples = ['a red heart', '', '下雨天', 'a photo of 🐱 & a dog'];
const recorded: readonly { readonly cases: readonly { readonly text: string }[] }[] = [clipGoldens, ...miniGoldens.tokenizers];
const texts = [...new Set(recorded.flatMap(({ cases }) => cases.map(({ text }) => text)))];

const specialTokens = { padding: '<|padding|>', begin: '<|startoftext|>', end: '<|endoftext|>' };
const clip = clipTokenizer();
const trained = await trainTokenizer(texts, { kind: 'byte-level-bpe', vocabularySize: 700, specialTokens });
/** Every byte as base 64 with its rank, then some words. */
const ranks = [...Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)), 'th', 'the', ' the', 'er', 'in', 'ing']
  .map((token, rank) => `${btoa(token)} ${rank}`)
  .join('\n');
const tokenizers: Readonly<Record<string, Tokenizer>> = {
  'GPT-2-like': loadByteLevel(gpt2Like),
  'cl100k-like': loadTokenizer(cl100kLike),
  'CLIP-like': loadTokenizer(clipLike),
  'Llama-like': loadTokenizer(llamaLike),
  'T5-like': loadTokenizer(t5Like),
  'BERT-like': loadTokenizer(bertLike),
  "CLIP's of Hugging Face": clipTokenizer({ compat: 'hf' }),
  'a vocab.txt': loadWordPiece(Object.keys(bertLike.model.vocab).join('\n')),
  'a .tiktoken file': loadTiktoken(ranks, { pattern: '\\p{L}+|[^\\p{L}]' }),
  ...Object.fromEntries(
    [0, 3, 4, 5, 7].map((run) => [`SentencePiece model ${run}`, loadSentencePiece(makeSentencePieceModel(new Dice(1, 'browser', run)))]),
  ),
  'trained byte-level BPE': trained,
  'trained unigram': await trainTokenizer(texts, { kind: 'unigram', vocabularySize: 1500 }),
};

const conform = [
  ...conformance(tokenizerPlugin(trained, { name: '@acme/trained' }), { samples }),
  ...conformance(tokenizerPlugin(clip, { name: '@polymodal/text-tokenizer/clip', padding: 'max', truncation: true }), {
    samples,
    roundTrip: 'tokens',
  }),
];

const same = Object.entries(tokenizers).map(([name, tokenizer]) => ({
  name: `${name}: ids, offsets and text`,
  run: () =>
    texts.map((text) => {
      const { ids, offsets, wordIds } = tokenizer.encode(text, { offsets: true });
      return { ids: [...ids], offsets: offsets!.flat(), words: [...wordIds!], text: tokenizer.decode(ids) };
    }),
}));

const recordedIds = {
  name: "CLIP: openai/CLIP's ids and text",
  run() {
    for (const { id, text, ids, decoded } of clipGoldens.cases) {
      const found = clip.encode(text, { addSpecialTokens: false }).ids.join();
      if (found !== ids.join()) throw new Error(`${id}: ${found} instead of ${ids}`);
      if (clip.decode(ids) !== decoded) throw new Error(`${id}: decodes to ${clip.decode(ids)} instead of ${decoded}`);
    }
    return clipGoldens.cases.length;
  },
};

export default [...conform, ...same, recordedIds];
