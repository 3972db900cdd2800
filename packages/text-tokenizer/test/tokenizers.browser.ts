import { conformance } from '@polymodal/modality-registry/conformance';
import { clipTokenizer } from '../src/clip/index.js';
import clipLike from '../src/goldens/bpe_cliplike.json';
import cl100kLike from '../src/goldens/bytelevel_cl100klike.json';
import gpt2Like from '../src/goldens/bytelevel_gpt2like.json';
import clipGoldens from '../src/goldens/clip-openai.json';
import miniGoldens from '../src/goldens/mini-tokenizers.json';
import { loadTokenizer, type Tokenizer, tokenizerPlugin, trainTokenizer } from '../src/index.js';

const samples = ['a red heart', '', '下雨天', 'a photo of 🐱 & a dog'];
const specialTokens = { padding: '<|padding|>', begin: '<|startoftext|>', end: '<|endoftext|>' };
const recorded: readonly { readonly cases: readonly { readonly text: string }[] }[] = [clipGoldens, ...miniGoldens.tokenizers];
const texts = [...new Set(recorded.flatMap(({ cases }) => cases.map(({ text }) => text)))];
const clip = clipTokenizer();
const trained = await trainTokenizer(texts, { kind: 'byte-level-bpe', vocabularySize: 700, specialTokens });
const tokenizers: Record<string, Tokenizer> = {
  clip,
  trained,
  'CLIP-like': loadTokenizer(clipLike),
  'cl100k-like': loadTokenizer(cl100kLike),
  'GPT-2-like': loadTokenizer(gpt2Like),
};

export default [
  ...conformance(tokenizerPlugin(trained, { name: '@acme/trained' }), { samples }),
  ...conformance(tokenizerPlugin(clip, { name: '@polymodal/text-tokenizer/clip', padding: 'max', truncation: true }), {
    samples,
    roundTrip: 'tokens',
  }),
  ...Object.entries(tokenizers).map(([name, tokenizer]) => ({
    name: `${name} gives the same`,
    run: () =>
      texts.map((text) => {
        const { ids } = tokenizer.encode(text);
        return { ids: [...ids], decoded: tokenizer.decode(ids) };
      }),
  })),
];
