import golden from '../src/goldens/trainers.json';
import { type TrainOptions, trainTokenizer } from '../src/index.js';

const kinds: readonly TrainOptions[] = [
  { kind: 'byte-level-bpe', vocabularySize: 1000 },
  { kind: 'sentencepiece-bpe', vocabularySize: 1500 },
  { kind: 'unigram', vocabularySize: 1500 },
  { kind: 'wordpiece', vocabularySize: 1200 },
];

export default kinds.map((options) => ({
  name: `a trained ${options.kind} is the same`,
  run: async () => (await trainTokenizer(golden.lines, options)).toJSON(),
}));
